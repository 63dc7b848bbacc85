import { nearest } from '../../commands/nearest.ts'
import { fillRecipe } from '../../domain/control/fill-recipe.ts'
import { type DataRecipe, type EditTemplate, isModule, type Recipe } from '../../domain/control/recipe.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import { type RecipeValues, recipeQuestions, toRecipeValue } from '../../domain/packs/recipe-questions.ts'
import { type Following, followModule } from './follow-module.ts'
import { addFile, replaceText } from './recipe-edits.ts'
import { brokenRecipe, type Halt, labelOf, type Work } from './recipe-work.ts'
import type { Scene } from './scene.ts'
import { asking, refused } from './sketch.ts'

const MAX_FOLLOWED = 100

/** Follows a recipe and those that it uses: what it needs to know and was not told becomes a question, never a guess. */
export function followRecipe(work: Work, recipe: Recipe, given: RecipeValues): Promise<Halt> {
  return follow(work, { recipe, values: given, topic: 'param:' })
}

async function follow(work: Work, { recipe, values: given, topic }: Following<Recipe>): Promise<Halt> {
  if (work.followed.length >= MAX_FOLLOWED) return brokenRecipe(recipe, `more than ${MAX_FOLLOWED} recipes are used`)
  work.followed.push(recipe)
  const values = new Map([...given, ...answeredValues(work.scene, recipe, topic)])
  const unknown = [...values.keys()].filter((key) => !recipe.params.some((param) => param.name === key))
  if (unknown.length > 0) return unknownParameters(recipe, unknown)
  const questions = recipeQuestions(recipe, values)
  if (questions.length > 0) return asking(questions.map((question) => aboutTopic(question, topic)))
  return isModule(recipe)
    ? followModule(work, { recipe, values, topic }, (by, name, params) => use(work, { by, name, params }))
    : followData(work, { recipe, values, topic })
}

function aboutTopic(ask: Ask, topic: string): Ask {
  return { ...ask, about: `${topic}${ask.about.slice('param:'.length)}` }
}

async function followData(work: Work, { recipe, values }: Following<DataRecipe>): Promise<Halt> {
  const filled = fillRecipe(recipe, values)
  if (!filled.ok) return refused('recipes', `${labelOf(recipe)} cannot be filled in`, parametersOf(recipe))
  work.checks.push(filled.value.verify)
  for (const edit of filled.value.edits) {
    const halt = await layEdit(work, recipe, edit)
    if (halt !== undefined) return halt
  }
  work.runs.push(...filled.value.run)
  return undefined
}

function layEdit(work: Work, recipe: DataRecipe, edit: EditTemplate): Halt | Promise<Halt> {
  switch (edit.kind) {
    case 'add-file':
      return addFile(work, edit)
    case 'replace-text':
      return replaceText(work, edit)
    case 'use':
      return use(work, { by: recipe, name: edit.recipe, params: edit.params })
  }
}

type Used = { readonly by: Recipe; readonly name: string; readonly params: Readonly<Record<string, string>> }

/**
 * Follows a recipe as a part of another one. Its questions are about its own name, so that an answer to one recipe is never
 * taken for another's.
 */
async function use(work: Work, { by, name, params }: Used): Promise<Halt> {
  const recipe = work.scene.manifest.recipes.find((candidate) => candidate.name === name)
  if (recipe === undefined || !by.uses.some((used) => used.name === name && used.version === recipe.version))
    return brokenRecipe(by, `it uses ${name}, which its \`uses\` do not name`)
  const values = new Map(Object.entries(params))
  const odd = isModule(recipe) ? [] : recipeQuestions(recipe, values).map(({ about }) => about.slice('param:'.length))
  if (odd.length > 0) return brokenRecipe(by, `what it hands to ${name} does not fit: ${odd.join(', ')}`)
  return follow(work, { recipe, values, topic: `param:${name}.` })
}

/** Answers outrank what was given: they were asked for because that was missing or unfit. */
function answeredValues({ answers }: Scene, { params }: Recipe, topic: string): readonly (readonly [string, string])[] {
  return [...answers].flatMap(([about, answer]) => {
    if (!about.startsWith(topic)) return []
    const name = about.slice(topic.length)
    if (name.includes('.')) return []
    const param = params.find((one) => one.name === name)
    return [[name, toRecipeValue(param, answer)] as const]
  })
}

function unknownParameters(recipe: Recipe, unknown: readonly string[]): Halt {
  const shown = unknown.slice(0, MOST_SHOWN).map((name) => nameWithNear(recipe, name))
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : ''
  return refused('recipes', `${labelOf(recipe)} has no parameter ${shown.join(', ')}${more}`, parametersOf(recipe))
}

const MOST_SHOWN = 5

function nameWithNear({ params }: Recipe, unknown: string): string {
  const near = nearest(
    unknown,
    params.map(({ name }) => name),
  )
  return near === undefined ? unknown : `${unknown} (did you mean ${near}?)`
}

function parametersOf({ params }: Recipe): string {
  return `its parameters are: ${params.length === 0 ? 'none' : params.map((param) => param.name).join(', ')}`
}
