import { z } from 'zod'
import { type CommandVerdict, judgeCommand } from '../control/allowlist.ts'
import type { Policy } from '../control/policy.ts'
import type { CommandFacts } from '../control/word-fault.ts'
import { ObjectId } from '../hash.ts'
import { FileMode, FileState } from '../patch/edit.ts'
import { foldPath } from '../patch/fold-path.ts'
import { ancestorsOf, type BaseFiles, kindAt, stateAt } from './base-files.ts'
import type { MemoryPack } from './memory-pack.ts'
import { ModelUse } from './model-use.ts'
import { nearPaths } from './near-paths.ts'

const Path = z.string().max(4096)

/** What the base commit has at a path that a draft speaks of, beside what the draft takes for granted there. */
export const PathFact = z.strictObject({
  path: Path,
  claims: z.enum(['exists', 'is-new']),
  found: FileState.nullable(),
  isFolder: z.boolean(),
  /** The first folder of the path that is no folder at the base: a symlink, submodule or file. */
  through: z.strictObject({ path: Path, mode: FileMode }).nullable(),
  /** Other existing paths that some file system takes for the same. */
  alike: z.array(Path).max(5),
  /** What may have been meant where nothing is found. */
  near: z.array(Path).max(3),
})
export type PathFact = z.infer<typeof PathFact>

/** What the checkout has, after the draft's edits, at every path that a command names or that its rule asks for. */
export const CommandFact = z.strictObject({
  step: z.string().max(32),
  files: z.array(z.strictObject({ path: Path, kind: z.enum(['file', 'directory', 'symlink']).nullable() })).max(2000),
})
export type CommandFact = z.infer<typeof CommandFact>

/** Whether the base commit holds what a draft cites as its evidence. */
export const EvidenceFact = z.strictObject({ ref: z.string().max(500), resolves: z.boolean() })

/** What red line 3 judges a draft by: observed at the base commit, for every path, command and reference of the draft. */
export const FabricationFacts = z.strictObject({
  v: z.literal(1),
  base: ObjectId,
  scripts: z.array(z.string().max(200)).max(1000),
  makeTargets: z.array(z.string().max(200)).max(1000),
  paths: z.array(PathFact).max(10_000),
  commands: z.array(CommandFact).max(100),
  evidence: z.array(EvidenceFact).max(200),
  model: ModelUse.nullable(),
})
export type FabricationFacts = z.infer<typeof FabricationFacts>

export type PathClaim = Pick<PathFact, 'path' | 'claims'>

export function pathFacts(claims: readonly PathClaim[], base: BaseFiles): readonly PathFact[] {
  const spellings = Map.groupBy(base.entries.keys(), foldPath)
  return claims.map(({ path, claims }) => {
    const found = stateAt(base, path)
    const through = ancestorsOf(path).find((folder) => base.entries.has(folder))
    const mode = through === undefined ? undefined : base.entries.get(through)?.mode
    return {
      path,
      claims,
      found,
      isFolder: base.folders.has(path),
      through: through === undefined || mode === undefined ? null : { path: through, mode },
      alike: (spellings.get(foldPath(path)) ?? []).filter((other) => other !== path).slice(0, 5),
      near: found === null && claims === 'exists' ? [...nearPaths(path, base.entries.keys())] : [],
    }
  })
}

export type Checkout = { readonly policy: Policy; readonly memory: MemoryPack; readonly files: BaseFiles }

/** Observes what judging a command would look at, and every path that its words could mean. */
export function commandFact(step: string, argv: readonly string[], checkout: Checkout): CommandFact {
  const asked = new Set(argv.slice(1).flatMap(pathsIn))
  judgeCommand({ argv, env: {}, cwd: '.' }, checkout.policy, {
    ...namesOf(checkout.memory),
    files: (path) => {
      asked.add(path)
      return kindAt(checkout.files, path)
    },
  })
  const paths = [...asked].filter((path) => path !== '' && path.length <= 4096).sort()
  return { step, files: paths.slice(0, 2000).map((path) => ({ path, kind: kindAt(checkout.files, path) })) }
}

/** Judges a step's command from recorded facts alone. A path that was not recorded counts as a symlink, so it is refused. */
export function judgeRecorded(
  argv: readonly string[],
  policy: Policy,
  recorded: { readonly facts: FabricationFacts; readonly step: string },
): CommandVerdict {
  const { scripts, makeTargets, commands } = recorded.facts
  const known = new Map(
    commands.find((fact) => fact.step === recorded.step)?.files.map(({ path, kind }) => [path, kind]) ?? [],
  )
  const files: CommandFacts['files'] = (path) => {
    const kind = known.get(path)
    return kind === undefined ? 'symlink' : kind
  }
  return judgeCommand({ argv, env: {}, cwd: '.' }, policy, { scripts, makeTargets, files })
}

/** A reference is `path@blob`; it resolves when the base has that blob at that path. */
export function evidenceFact(ref: string, base: BaseFiles): z.infer<typeof EvidenceFact> {
  const [, path, blob] = /^(.+)@([0-9a-f]{40})$/su.exec(ref) ?? []
  return { ref, resolves: path !== undefined && stateAt(base, path)?.blob === blob }
}

export function namesOf(memory: MemoryPack): Pick<CommandFacts, 'scripts' | 'makeTargets'> {
  return { scripts: memory.scripts.map((script) => script.name), makeTargets: memory.makeTargets }
}

function pathsIn(word: string): readonly string[] {
  const path = (word.split('::')[0] ?? '').replace(/^--?[A-Za-z-]+=/, '').replace(/^(?:\.\/)+|\/+$/g, '')
  return path === '' || path === '.' ? [] : [...ancestorsOf(path), path]
}
