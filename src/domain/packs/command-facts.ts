import { z } from 'zod'
import { type CommandVerdict, judgeCommand } from '../control/allowlist.ts'
import type { Policy } from '../control/policy.ts'
import type { CommandFacts } from '../control/word-fault.ts'
import { declaredIn, TargetKind } from '../targets/index.ts'
import { startedFiles } from '../targets/started-files.ts'
import type { Checkout, Declared } from '../targets/target.ts'
import { ancestorsOf } from './base-files.ts'

const Path = z.string().max(4096)

/** What the checkout has, after the draft's edits, of all that judging a command asks for. */
export const CommandFact = z.strictObject({
  step: z.string().max(32),
  files: z.array(z.strictObject({ path: Path, kind: z.enum(['file', 'directory', 'symlink']).nullable() })).max(2000),
  targets: z
    .array(
      z.strictObject({
        kind: TargetKind,
        at: Path,
        declared: z
          .strictObject({ names: z.array(z.string().max(200)).max(1000), unsure: z.string().max(300).nullable() })
          .nullable(),
      }),
    )
    .max(300),
  /** The files that the command starts or reads by way of what is declared; null where they are too many, absent where nobody looked. */
  starts: z.array(Path).max(300).nullable().exactOptional(),
})
export type CommandFact = z.infer<typeof CommandFact>

/** What a command can be judged by in a checkout that is here. */
export function commandFactsOf(checkout: Checkout): CommandFacts {
  return { files: checkout.kind, targets: (kind, at) => declaredIn(checkout, kind, at) }
}

/** Records what judging a command looks at, and every path that its words could mean. */
export function commandFact(step: string, argv: readonly string[], { policy, checkout }: Judged): CommandFact {
  const facts = commandFactsOf(checkout)
  const asked = new Set(argv.slice(1).flatMap(pathsIn))
  const targets = new Map<string, CommandFact['targets'][number]>()
  judgeCommand({ argv, env: {}, cwd: '.' }, policy, {
    files: (path) => {
      asked.add(path)
      return facts.files(path)
    },
    targets: (kind, at) => {
      const declared = facts.targets(kind, at)
      const copy = declared === null ? null : { names: [...declared.names], unsure: declared.unsure }
      targets.set(`${kind} ${at}`, { kind, at, declared: copy })
      return declared
    },
  })
  const places = new Set(['', ...[...targets.values()].map(({ at }) => at)])
  const starts = startedFiles(argv, checkout, [...places])
  const paths = [...asked].filter((path) => path !== '' && path.length <= 4096).sort()
  return {
    step,
    files: paths.slice(0, 2000).map((path) => ({ path, kind: facts.files(path) })),
    targets: [...targets.values()].slice(0, 300),
    starts: starts === null ? null : [...starts],
  }
}

export type Judged = { readonly policy: Policy; readonly checkout: Checkout }

/** The recorded facts, and the step whose command they are asked for. */
type Recorded = { readonly facts: { readonly commands: readonly CommandFact[] }; readonly step: string }

/**
 * Judges a step's command from recorded facts alone. A path that was not recorded counts as a symlink and a place that was
 * not recorded declares nothing, so that both are refused.
 */
export function judgeRecorded(argv: readonly string[], policy: Policy, recorded: Recorded): CommandVerdict {
  return judgeWatched(argv, policy, { ...recorded, onUnrecorded: () => undefined })
}

/** What these rules ask for to judge the command, and nobody recorded. */
export function unrecordedFor(argv: readonly string[], policy: Policy, recorded: Recorded): readonly string[] {
  const missing = new Set<string>()
  judgeWatched(argv, policy, { ...recorded, onUnrecorded: (what) => missing.add(what) })
  return [...missing]
}

function judgeWatched(
  argv: readonly string[],
  policy: Policy,
  { facts, step, onUnrecorded }: Recorded & { readonly onUnrecorded: (what: string) => void },
): CommandVerdict {
  const fact = facts.commands.find((one) => one.step === step)
  const kinds = new Map(fact?.files.map(({ path, kind }) => [path, kind]) ?? [])
  const declared = new Map<string, Declared | null>(
    fact?.targets.map((one) => [`${one.kind} ${one.at}`, one.declared]) ?? [],
  )
  return judgeCommand({ argv, env: {}, cwd: '.' }, policy, {
    files: (path) => {
      const kind = kinds.get(path)
      if (kind === undefined) onUnrecorded(`what ${path} is`)
      return kind === undefined ? 'symlink' : kind
    },
    targets: (kind, at) => {
      const found = declared.get(`${kind} ${at}`)
      if (found === undefined) onUnrecorded(`which ${kind} targets ${at} declares`)
      return found ?? null
    },
  })
}

function pathsIn(word: string): readonly string[] {
  const path = (word.split('::')[0] ?? '').replace(/^--?[A-Za-z-]+=/, '').replace(/^(?:\.\/)+|\/+$/g, '')
  return path === '' || path === '.' ? [] : [...ancestorsOf(path), path]
}
