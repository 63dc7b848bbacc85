import { type FilledRecipe, fillRecipe } from '../../domain/control/fill-recipe.ts'
import type { Recipe } from '../../domain/control/recipe.ts'
import { type RecipeValues, recipeQuestions, toRecipeValue } from '../../domain/packs/recipe-questions.ts'
import { recipeEdits } from './recipe-edits.ts'
import type { Scene } from './scene.ts'
import { asking, type Outcome, refused, type Sketch } from './sketch.ts'
import { repositoryTests } from './verification.ts'

/** Follows a recipe: what it needs to know and was not told becomes a question, never a guess. */
export async function sketchRecipe(scene: Scene, name: string): Promise<Outcome> {
  const recipe = scene.manifest.recipes.find((candidate) => candidate.name === name)
  if (recipe === undefined) return unknownRecipe(scene)
  const given = new Map([...Object.entries(scene.words.params), ...answeredValues(scene, recipe)])
  const unknown = [...given.keys()].filter((key) => !recipe.params.some((param) => param.name === key))
  if (unknown.length > 0) return unknownParameters(recipe, unknown.length)
  const questions = recipeQuestions(recipe, given)
  return questions.length > 0 ? asking(questions) : followRecipe(scene, recipe, given)
}

async function followRecipe(scene: Scene, recipe: Recipe, given: RecipeValues): Promise<Outcome> {
  const filled = fillRecipe(recipe, given)
  if (!filled.ok) return refused('recipes', `the recipe ${recipe.name} cannot be filled in`, parametersOf(recipe))
  const edits = await recipeEdits(scene, filled.value.edits)
  if (!edits.ok) return edits.refusal
  return {
    is: 'sketch',
    drafter: { is: 'recipe', name: recipe.name, version: String(recipe.version) },
    ...edits.value,
    runs: filled.value.run,
    ...verification(scene, recipe, filled.value.verify),
    reads: [],
    model: null,
    blobs: [],
  }
}

/** Answers to `param:NAME` outrank what the request gave: they were asked for because that was missing or unfit. */
function answeredValues({ answers }: Scene, recipe: Recipe): readonly (readonly [string, string])[] {
  return [...answers].flatMap(([about, answer]) => {
    if (!about.startsWith('param:')) return []
    const name = about.slice('param:'.length)
    return [
      [
        name,
        toRecipeValue(
          recipe.params.find((param) => param.name === name),
          answer,
        ),
      ] as const,
    ]
  })
}

function unknownRecipe({ manifest }: Scene): Outcome {
  const names = manifest.recipes.map((recipe) => recipe.name).join(', ')
  const next = names === '' ? 'add a recipe to .agentos/recipes/' : `use one of these recipes: ${names}`
  return refused('recipes', 'there is no recipe of that name', next)
}

function unknownParameters(recipe: Recipe, count: number): Outcome {
  const because = `${count} of the parameters that were given are none of the recipe ${recipe.name}`
  return refused('recipes', because, parametersOf(recipe))
}

function parametersOf({ params }: Recipe): string {
  return `its parameters are: ${params.length === 0 ? 'none' : params.map((param) => param.name).join(', ')}`
}

function verification(
  scene: Scene,
  recipe: Recipe,
  verify: FilledRecipe['verify'],
): Pick<Sketch, 'verify' | 'noVerify' | 'evidence'> {
  if (verify === 'repository-tests') return repositoryTests(scene.memory)
  const noVerify = verify.length === 0 ? `the recipe ${recipe.name} names no check` : null
  return { verify: verify.map((argv) => ({ argv, criteria: [] })), noVerify, evidence: [] }
}
