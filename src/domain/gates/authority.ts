import type { Role } from '../control/policy.ts'
import { hasRole, type Person } from '../packs/people.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const authorityGate = defineGate<{
  readonly command: string
  readonly person: Person
  readonly needed: Role
  readonly scheduled: boolean
  readonly enabled: boolean
}>({
  name: 'authority',
  redLine: null,
  title: 'Commands come from people whom the policy trusts with them',
  judge({ command, person, needed, scheduled, enabled }) {
    if (!enabled) return blocked('AgentOS is switched off for this repository (`enabled: false`)')
    if (person.kind === 'Local') return passed('the system’s user asks on this machine')
    if (scheduled) return passed('a schedule rule of the control plane asks')
    if (person.kind !== 'User')
      return blocked(`${command} comes from an account of kind ${person.kind}, not from a person`)
    if (!hasRole(person.role, needed)) return blocked(`${command} needs ${needed}, the person has ${person.role}`)
    return passed(`${command} needs ${needed}, the person has ${person.role}`)
  },
})
