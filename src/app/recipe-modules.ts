import type { FilledModule } from '../domain/control/fill-recipe.ts'
import type { ControlFile, DescribeModule } from '../domain/control/load-manifest.ts'
import { MAX_MODULE_CHARACTERS } from '../domain/control/recipe.ts'
import type { ModuleReply } from '../domain/packs/module-reply.ts'
import { fromUtf8 } from '../domain/patch/bytes.ts'
import { type Result, refuse } from '../domain/result.ts'

/** A file as a module sees it; `text` keeps its line ends and a byte order mark. */
export type ModuleFile = { readonly path: string; readonly text: string; readonly executable: boolean }

/** A file that a module declared and is not given, and why. */
export type UnreadFile = {
  readonly path: string
  readonly size: number
  readonly why: 'big' | 'binary' | 'not-utf8' | 'link' | 'submodule'
}

export type ModuleInput = {
  readonly params: FilledModule['params']
  readonly files: readonly ModuleFile[]
  readonly unread: readonly UnreadFile[]
}

/**
 * Runs recipe modules where there is no clock, no randomness and no I/O. The same source and input give the same answer,
 * byte for byte; a refusal says what the module did wrong. Throws ModuleUnfinished where the sandbox itself failed.
 */
export type RecipeModules = {
  /** The module's `recipe`, as plain data that nobody has checked. */
  describe(source: string): Promise<Result<unknown, string>>
  plan(source: string, input: ModuleInput): Promise<Result<ModuleReply, string>>
}

/** The sandbox was ended by the clock, or broke: a failure of the tool, which says nothing about the module. */
export class ModuleUnfinished extends Error {
  override readonly name = 'ModuleUnfinished'
}

/** Asks every module among these files what it is, so that loading a Manifest needs no sandbox. */
export async function describeModules(modules: RecipeModules, files: readonly ControlFile[]): Promise<DescribeModule> {
  const sources = files
    .filter(({ path }) => path.startsWith('recipes/') && path.endsWith('.js'))
    .flatMap(({ bytes }) => fromUtf8(bytes) ?? [])
    .filter((source) => source.length <= MAX_MODULE_CHARACTERS)
  const known = new Map<string, Result<unknown, string>>()
  for (const source of new Set(sources)) known.set(source, await describe(modules, source))
  return (source) => known.get(source) ?? refuse('was not asked what it is')
}

/** A module that cannot be read to its end is none: the control plane is refused, and read again at the next request. */
async function describe(modules: RecipeModules, source: string): Promise<Result<unknown, string>> {
  try {
    return await modules.describe(source)
  } catch (error) {
    if (error instanceof ModuleUnfinished) return refuse(error.message)
    throw error
  }
}
