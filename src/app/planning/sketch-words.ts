import { modelDenied } from '../../domain/control/model-policy.ts'
import { type Recipe, recipeUsage } from '../../domain/control/recipe.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { RecipeModules } from '../recipe-modules.ts'
import type { Model } from './model.ts'
import type { Prompts } from './prompts.ts'
import type { Scene } from './scene.ts'
import { asking, type Outcome, refused } from './sketch.ts'
import { beginWithModel, goOnWithModel } from './sketch-model.ts'
import { sketchRecipe } from './sketch-recipe.ts'

export type WordsTools = {
  readonly model: Pick<Model, 'host' | 'name'> | null
  readonly prompts: Prompts
  readonly modules: RecipeModules
}

/** Plans from plain words: with a model where one is configured, else with the recipe that people choose. */
export async function sketchWords(scene: Scene, { model, prompts, modules }: WordsTools): Promise<Outcome> {
  const chosen = scene.answers.get('recipe')
  if (chosen !== undefined) return sketchRecipe(scene, chosen, modules)
  const further = await goOnWithModel(scene)
  if (further !== undefined) return further
  const missing = missingModel(scene, model)
  if (model !== null && missing === undefined) return beginWithModel(scene, { model, prompts })
  const recipes = fitting(scene)
  if (recipes.length > 0) return asking([whichRecipe(recipes, missing ?? NO_MODEL)])
  const because = `${missing ?? NO_MODEL}, and the control plane has no recipe that could be followed instead`
  return refused('planner', because, 'set OPENAI_API_KEY or OPENAI_BASE_URL, add a recipe, or give a patch')
}

const NO_MODEL = 'no model is configured'

/** Why no model may be asked; undefined where one may be. */
function missingModel({ manifest }: Scene, model: WordsTools['model']): string | undefined {
  if (model === null) return NO_MODEL
  return modelDenied(manifest.policy.capabilities, { host: model.host, model: model.name })
}

function whichRecipe(recipes: readonly Recipe[], missing: string): Ask {
  const lines = recipes.map((recipe) => `- \`${recipeUsage(recipe)}\`: ${recipe.summary}`)
  return {
    type: 'blocker',
    about: 'recipe',
    text: `${missing.charAt(0).toUpperCase()}${missing.slice(1)}, so the words alone cannot be planned. Which recipe fits?\n${lines.join('\n')}`.slice(
      0,
      2000,
    ),
    impact:
      'A recipe makes the plan without a model; what it needs to know is asked next. For a model, whoever runs AgentOS sets OPENAI_API_KEY or OPENAI_BASE_URL.',
    answer: 'choice',
    choices: recipes.map((recipe) => recipe.name),
    default: null,
    evidence: [],
    who: 'anyone-with-role',
  }
}

/** Recipes that share the most words with the goal come first; at most as many as a question can offer. */
function fitting({ manifest, intent }: Scene): readonly Recipe[] {
  const goal = new Set(wordsOf(intent.goal))
  const score = (recipe: Recipe) =>
    new Set(wordsOf(`${recipe.name} ${recipe.summary}`).filter((word) => goal.has(word))).size
  return [...manifest.recipes].sort((a, b) => score(b) - score(a) || (a.name < b.name ? -1 : 1)).slice(0, 12)
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []
}
