import type { CommandSeen } from '../domain/desk.ts'
import { authorityGate } from '../domain/gates/authority.ts'
import { ask } from '../domain/gates/gate.ts'
import type { Person } from '../domain/packs/people.ts'
import type { ControlPlane } from './control-plane.ts'

/** Why somebody may not begin a run with this command; null where they may. */
export function deniedRun(
  command: 'plan' | 'rollback',
  { manifest }: ControlPlane,
  person: Person,
): CommandSeen['asks'] | null {
  const { roles, enabled } = manifest.policy
  const asked = ask(authorityGate, {
    command: `\`/agentos ${command}\``,
    person,
    needed: roles[command],
    scheduled: false,
    enabled,
  })
  return asked.is === 'passed' ? null : { is: 'not-permitted', command, because: asked.because }
}
