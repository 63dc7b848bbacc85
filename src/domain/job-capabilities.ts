import { canonicalJson } from './canonical.ts'
import type { Capability, Grant } from './grant.ts'
import type { ObjectId } from './hash.ts'
import type { Step } from './packs/plan.ts'

type CommandStep = Exclude<Step, { is: 'edit' }>

/** Everything that a job needs for these steps on this base, and nothing more: what a Grant for them lists. */
export function capabilitiesFor(base: ObjectId, steps: readonly Step[]): Capability[] {
  const commands = new Map<string, Capability>()
  for (const step of steps) {
    if (step.is === 'edit') continue
    const capability = commandOf(step)
    commands.set(canonicalJson(capability), capability)
  }
  const paths = [...new Set(steps.flatMap(pathsOf))].sort()
  const edit: Capability[] = paths.length === 0 ? [] : [{ effect: 'edit', paths }]
  return [{ effect: 'read-base', commit: base }, ...commands.values(), ...edit]
}

/** The capability that a step uses, as `<place in the Grant>:<effect>`; undefined where the Grant gives none. */
export function capabilityUsed(step: Step, granted: readonly Capability[]): string | undefined {
  if (!isCovered(pathsOf(step), granted)) return undefined
  const needed = step.is === 'edit' ? undefined : canonicalJson(commandOf(step))
  const index = granted.findIndex((capability) =>
    needed === undefined ? capability.effect === 'edit' : canonicalJson(capability) === needed,
  )
  const found = granted[index]
  return found === undefined ? undefined : `${index}:${found.effect}`
}

/** How many paths a Grant lets a job change. */
export function pathsGranted({ capabilities }: Pick<Grant, 'capabilities'>): number {
  return new Set(capabilities.flatMap((one) => (one.effect === 'edit' ? one.paths : []))).size
}

export function mayReadBase(commit: ObjectId, granted: readonly Capability[]): boolean {
  return granted.some((capability) => capability.effect === 'read-base' && capability.commit === commit)
}

function commandOf(step: CommandStep): Capability {
  return { effect: 'command', argv: [...step.argv], network: [...(step.hosts ?? [])] }
}

function pathsOf(step: Step): readonly string[] {
  if (step.is === 'edit') return step.edits.map((edit) => edit.path)
  return step.is === 'run' ? (step.frozen ?? []).map((edit) => edit.path) : []
}

function isCovered(paths: readonly string[], granted: readonly Capability[]): boolean {
  const allowed = new Set(granted.flatMap((capability) => (capability.effect === 'edit' ? capability.paths : [])))
  return paths.every((path) => allowed.has(path))
}
