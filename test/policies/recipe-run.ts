import { readFile } from 'node:fs/promises'
import { recipeModules } from '../../src/adapters/modules/recipe-modules.ts'
import { fillModule } from '../../src/domain/control/fill-recipe.ts'
import { matchesAny } from '../../src/domain/control/glob.ts'
import { ModuleHead } from '../../src/domain/control/recipe.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import type { ModuleReply } from '../../src/domain/packs/module-reply.ts'

const modules = recipeModules()

export type Files = Readonly<Record<string, string>>

/** Runs a shipped module in the sandbox on these files, as far as it declares them. */
export async function answerOf(name: string, params: Files, files: Files): Promise<ModuleReply> {
  const source = await readFile(new URL(`../../policies/recipes/${name}.js`, import.meta.url), 'utf8')
  const described = await modules.describe(source)
  if (!described.ok) throw new Error(described.refusal)
  const recipe = { ...ModuleHead.parse(described.value), source, sha256: sha256Hex(Buffer.from(source)) }
  const filled = fillModule(recipe, new Map(Object.entries(params)))
  if (!filled.ok) throw new Error(JSON.stringify(filled.refusal))
  const declared = Object.entries(files).filter(([path]) => matchesAny(filled.value.files, path))
  const given = declared.map(([path, text]) => ({ path, text, executable: false }))
  const reply = await modules.plan(source, { params: filled.value.params, files: given, unread: [] })
  if (!reply.ok) throw new Error(reply.refusal)
  return reply.value
}

/** The files after the module's edits; only those that it changed, null where one is gone. */
export async function changedBy(
  name: string,
  params: Files,
  files: Files,
): Promise<Readonly<Record<string, string | null>>> {
  const reply = await answerOf(name, params, files)
  if (reply.is !== 'edits') throw new Error(JSON.stringify(reply))
  const changed: Record<string, string | null> = {}
  for (const edit of reply.edits) {
    if (edit.kind === 'rename') {
      changed[edit.to] = files[edit.from] ?? null
      changed[edit.from] = null
    } else if (edit.kind === 'write' || edit.kind === 'create') changed[edit.path] = edit.content
    else throw new Error(`no shipped module makes a ${edit.kind}`)
  }
  return changed
}

export async function refusalOf(name: string, params: Files, files: Files): Promise<string> {
  const reply = await answerOf(name, params, files)
  if (reply.is !== 'refused') throw new Error(JSON.stringify(reply))
  return reply.because
}
