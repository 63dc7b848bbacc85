import { fillModule } from '../../domain/control/fill-recipe.ts'
import { type ModuleRecipe, parameterFault } from '../../domain/control/recipe.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { ModuleQuestion, ModuleReply } from '../../domain/packs/module-reply.ts'
import { nearPaths } from '../../domain/packs/near-paths.ts'
import { type RecipeValues, toAsk } from '../../domain/packs/recipe-questions.ts'
import type { Result } from '../../domain/result.ts'
import { WillNotWork } from '../ports.ts'
import { ModuleUnfinished } from '../recipe-modules.ts'
import { layModuleEdit } from './module-edits.ts'
import { type ModuleFiles, moduleFiles } from './module-files.ts'
import { brokenRecipe, type Halt, labelOf, type Work } from './recipe-work.ts'
import { asking, refused } from './sketch.ts'

/** A recipe that is being followed; `topic` is what its questions are about, before the parameter's name. */
export type Following<R> = { readonly recipe: R; readonly values: RecipeValues; readonly topic: string }

/** Follows another recipe by its name, as a part of this one. */
export type Use = (by: ModuleRecipe, name: string, params: Readonly<Record<string, string>>) => Promise<Halt>

/** Runs a module on the files that it declares, and lays what it answers over what was made so far. */
export async function followModule(work: Work, following: Following<ModuleRecipe>, use: Use): Promise<Halt> {
  const { recipe, values } = following
  const filled = fillModule(recipe, values)
  if (!filled.ok) return brokenRecipe(recipe, 'its parameters cannot be filled in')
  const given = await moduleFiles(work, filled.value.files)
  if (!given.ok) return refused('recipes', `${labelOf(recipe)} cannot be given its files: ${given.refusal}`, NARROWER)
  const reply = await planIn(work, recipe, { params: filled.value.params, ...given.value })
  if (!reply.ok) return brokenRecipe(recipe, reply.refusal)
  work.checks.push(filled.value.verify)
  switch (reply.value.is) {
    case 'refused':
      return refused(
        'recipes',
        `${labelOf(recipe)} says: ${reply.value.because}`,
        withNear(work, following, reply.value.next),
      )
    case 'questions':
      return questionsOf(work, following, reply.value.questions)
    case 'edits':
      return layAll({ work, recipe, given: given.value, use }, reply.value.edits)
  }
}

/** A module sees only the files that it declares; what a path was meant to be is known here. */
function withNear({ scene }: Work, { recipe, values }: Following<ModuleRecipe>, next: string): string {
  const absent = recipe.params.flatMap(({ name, type }) => {
    const path = type === 'path' ? values.get(name) : undefined
    return path === undefined || scene.entries.has(path) ? [] : nearPaths(path, scene.entries.keys())
  })
  const near = [...new Set(absent)].slice(0, 3)
  return near.length === 0 ? next : `${next}. There is ${near.join(' and ').slice(0, 500)}`
}

const NARROWER = 'name fewer files, where the recipe has a parameter for it'

/** A sandbox that fails says nothing about the recipe: planning failed, and may be asked for again. */
async function planIn(
  { modules }: Work,
  recipe: ModuleRecipe,
  input: Parameters<Work['modules']['plan']>[1],
): Promise<Result<ModuleReply, string>> {
  try {
    return await modules.plan(recipe.source, input)
  } catch (error) {
    if (!(error instanceof ModuleUnfinished)) throw error
    throw new WillNotWork(`${labelOf(recipe)} was not run to its end: ${error.message}`, { cause: error })
  }
}

type Laying = {
  readonly work: Work
  readonly recipe: ModuleRecipe
  readonly given: ModuleFiles
  readonly use: Use
}

async function layAll(
  { work, recipe, given, use }: Laying,
  edits: Extract<ModuleReply, { is: 'edits' }>['edits'],
): Promise<Halt> {
  const declared = new Set([...given.files, ...given.unread].map(({ path }) => path))
  for (const edit of edits) {
    if (edit.kind === 'use') {
      const halt = await use(recipe, edit.recipe, edit.params)
      if (halt !== undefined) return halt
    } else {
      const fault = await layModuleEdit(work, edit, declared)
      if (fault !== undefined) return brokenRecipe(recipe, fault)
    }
  }
  return undefined
}

function questionsOf(
  { scene }: Work,
  { recipe, topic }: Following<ModuleRecipe>,
  questions: readonly ModuleQuestion[],
): Halt {
  const asks: Ask[] = []
  for (const question of questions) {
    const param = recipe.params.find(({ name }) => name === question.param)
    if (param === undefined) return brokenRecipe(recipe, `it asks for ${question.param}, which is no parameter of it`)
    const offered = [...question.choices, ...(question.default === undefined ? [] : [question.default])]
    const odd = offered.find((value) => parameterFault(param, value) !== undefined)
    if (odd !== undefined) return brokenRecipe(recipe, `what it offers for ${param.name} does not fit the parameter`)
    const plain = toAsk(recipe, param, null)
    asks.push({
      ...plain,
      about: `${topic}${param.name}`,
      text: question.text ?? plain.text,
      impact: question.impact ?? plain.impact,
      ...(question.choices.length === 0 ? {} : { answer: 'choice', choices: [...question.choices] }),
      default: question.default ?? plain.default,
      evidence: question.evidence.flatMap((path) => {
        const entry = scene.entries.get(path)
        return entry === undefined ? [] : [`${path}@${entry.blob}`]
      }),
    })
  }
  return asking(asks)
}
