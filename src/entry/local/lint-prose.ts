import { readShippedPack } from '../../adapters/control/shipped-pack.ts'
import { promptsIn } from '../../app/planning/prompts.ts'
import { proseFaults } from '../../app/prose-faults.ts'
import type { ControlRefusal } from '../../domain/control/refusal.ts'
import { openClone } from './governed-clone.ts'

/** What is wrong with notes and prompts of a clone's HEAD; of what is no clone its rules have said it already. */
export async function lintProse(dir: string): Promise<readonly ControlRefusal[]> {
  const clone = await openClone(dir)
  const head = clone.ok ? await clone.value.resolve('HEAD') : undefined
  if (!clone.ok || head === undefined) return []
  return proseFaults(clone.value, head, promptsIn(await readShippedPack()))
}
