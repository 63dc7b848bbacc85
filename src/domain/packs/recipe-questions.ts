import { valuesFor } from '../control/fill-recipe.ts'
import type { Parameter, Recipe } from '../control/recipe.ts'
import { TreePath } from '../patch/edit.ts'
import type { Ask } from './draft-questions.ts'

/** Values of a recipe's parameters, by name. */
export type RecipeValues = ReadonlyMap<string, string>

/**
 * The questions that a recipe has with these values: one for each parameter that is required and missing, or whose value
 * does not fit. A default is offered where the recipe insists on a person's word, and taken only where it does not.
 */
export function recipeQuestions(recipe: Asked, given: RecipeValues): readonly Ask[] {
  return recipe.params.flatMap((param) => {
    const value = given.get(param.name)
    if (value === undefined) return param.required ? [toAsk(recipe, param, null)] : []
    const fault = valueFault(recipe, param, value)
    return fault === null ? [] : [toAsk(recipe, param, fault)]
  })
}

type Asked = Pick<Recipe, 'name' | 'params'>

/** An answer as the parameter writes it: people say yes and no where a recipe says true and false. */
export function toRecipeValue(param: Parameter | undefined, answer: string): string {
  if (param?.type !== 'boolean') return answer
  const said = answer.trim().toLowerCase()
  return said === 'yes' ? 'true' : said === 'no' ? 'false' : said
}

function valueFault(recipe: Asked, param: Parameter, value: string): string | null {
  if (param.type === 'path' && !TreePath.safeParse(value).success) return 'is not a path inside the repository'
  const alone = valuesFor({ name: recipe.name, params: [param] }, new Map([[param.name, value]]))
  if (alone.ok || alone.refusal.is !== 'invalid') return null
  return alone.refusal.faults.map((fault) => fault.slice(param.name.length + 1)).join('; ')
}

export function toAsk(recipe: Pick<Recipe, 'name'>, param: Parameter, fault: string | null): Ask {
  return {
    type: 'blocker',
    about: `param:${param.name}`,
    text: fault === null ? param.question : `${param.question} (What was given ${fault}.)`,
    impact: `The recipe ${recipe.name} cannot be followed without it.`,
    answer: ANSWERS[param.type],
    choices: param.type === 'choice' ? [...param.choices] : [],
    default: param.default ?? null,
    evidence: [],
    who: 'anyone-with-role',
  }
}

const ANSWERS = {
  text: 'text',
  path: 'path',
  globs: 'text',
  command: 'text',
  boolean: 'boolean',
  number: 'number',
  choice: 'choice',
} as const
