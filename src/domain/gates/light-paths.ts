import { pathsNamedBy } from '../control/path-words.ts'
import type { Policy } from '../control/policy.ts'
import type { CommandFact } from '../packs/command-facts.ts'
import type { Step } from '../packs/plan.ts'
import { protectedBy } from '../patch/protected-path.ts'
import { PATH_RISKS } from '../path-risks.ts'
import { blocked, defineGate, passed } from './gate.ts'

/** A repository's control plane, whatever its policy protects. */
const CONTROL_PLANE = ['.agentos/**']

type Rules = Pick<Policy, 'protectedPaths' | 'lanes' | 'commands'>

/** Far more than a small change takes; a hostile draft could ask for a thousand times as much. */
const MOST_COMPARED = 1_000_000

/** Files that decide how a change is built, tested or judged: what the dry run measured would rest on the change itself. */
export const lightPathsGate = defineGate<{
  readonly paths: readonly string[]
  readonly steps: readonly Step[]
  readonly policy: Rules
  /** What was seen of the commands in the checkout that they run in. */
  readonly commands: readonly CommandFact[]
}>({
  name: 'light-paths',
  redLine: null,
  title:
    'The light lane stays out of protected paths, manifests, build, test and workflow files, and what its steps name',
  judge({ paths, steps, policy, commands }) {
    const starts = startsOf(steps, commands)
    if (typeof starts === 'string') return blocked(starts)
    const named = namedBy(steps, policy)
    const patterns = named.reduce((sum, step) => sum + step.patterns.length, 0)
    if (paths.length * patterns > MOST_COMPARED) return blocked('its edits and commands name too many paths to compare')
    for (const path of paths) {
      const fault = faultIn(path, policy) ?? stepFault(path, named) ?? startFault(path, starts)
      if (fault !== undefined) return blocked(`${path} ${fault}`)
    }
    return passed(`none of ${paths.length} paths is kept out of the light lane`)
  },
})

function faultIn(path: string, { protectedPaths, lanes }: Rules): string | undefined {
  const guarded = protectedBy(path, [...CONTROL_PLANE, ...protectedPaths])
  if (guarded !== null) return `is protected by ${guarded}`
  const excluded = protectedBy(path, lanes.light.excluded)
  if (excluded !== null) return `is kept out of the light lane by ${excluded}`
  const kind = PATH_RISKS.find(({ patterns }) => protectedBy(path, patterns) !== null)
  return kind === undefined ? undefined : `is a ${kind.rule}`
}

type Named = { readonly id: string; readonly patterns: readonly string[] }

function namedBy(steps: readonly Step[], policy: Rules): readonly Named[] {
  return steps.flatMap((step) => {
    return step.is === 'edit' ? [] : [{ id: step.id, patterns: [...new Set(pathsNamedBy(step.argv, policy))] }]
  })
}

/** A plan that edits the program which checks it proves nothing. */
function stepFault(path: string, named: readonly Named[]): string | undefined {
  const step = named.find(({ patterns }) => protectedBy(path, patterns) !== null)
  return step === undefined ? undefined : `is kept out of the light lane: the step ${step.id} runs or reads it`
}

type Starts = { readonly id: string; readonly files: ReadonlySet<string> }

function startsOf(steps: readonly Step[], commands: readonly CommandFact[]): readonly Starts[] | string {
  const all: Starts[] = []
  for (const { id, is } of steps) {
    if (is === 'edit') continue
    const files = commands.find(({ step }) => step === id)?.starts
    if (files === undefined) return `nobody looked which files the step ${id} starts`
    if (files === null) return `the step ${id} starts too many files to compare, or loads what it does not name`
    all.push({ id, files: new Set(files.map(foldCase)) })
  }
  return all
}

/** As protected paths are compared: two spellings may be one file. */
const foldCase = (path: string): string => path.normalize('NFC').toLowerCase()

function startFault(path: string, starts: readonly Starts[]): string | undefined {
  const step = starts.find(({ files }) => files.has(foldCase(path)))
  return step && `is kept out of the light lane: the step ${step.id} comes to start or read it`
}
