import { nearest } from '../../commands/nearest.ts'
import type { Verify } from '../../domain/control/fill-recipe.ts'
import { isModule, type Recipe } from '../../domain/control/recipe.ts'
import type { Step } from '../../domain/packs/plan.ts'
import type { RecipeModules } from '../recipe-modules.ts'
import { followRecipe } from './follow-recipe.ts'
import type { Work } from './recipe-work.ts'
import type { Scene } from './scene.ts'
import { type Outcome, refused, type Sketch } from './sketch.ts'

/** Follows a recipe with the parameters that the request gave. */
export async function sketchRecipe(scene: Scene, name: string, modules: RecipeModules): Promise<Outcome> {
  const recipe = scene.manifest.recipes.find((candidate) => candidate.name === name)
  if (recipe === undefined) return unknownRecipe(scene, name)
  const work: Work = { scene, modules, written: new Map(), claims: new Map(), runs: [], checks: [], followed: [] }
  const halt = await followRecipe(work, recipe, new Map(Object.entries(scene.words.params)))
  if (halt !== undefined) return halt
  return {
    is: 'sketch',
    drafter: { is: 'recipe', name: recipe.name, version: String(recipe.version) },
    written: work.written,
    claims: [...work.claims.values()],
    runs: work.runs,
    ...verification(recipe, work.checks),
    reads: [],
    model: null,
    blobs: [],
    restsOn: (step, about) => restsOn(recipe, step, about),
  }
}

/** A step of a recipe rests on the answers that its template names; what a module makes rests on all of them. */
function restsOn(recipe: Recipe, step: Step, about: string): boolean {
  if (isModule(recipe) || step.is === 'prepare') return false
  const template = { edit: recipe.edits, run: recipe.run, verify: recipe.verify }[step.is]
  return about.startsWith('param:') && JSON.stringify(template).includes(`{{${about.slice('param:'.length)}}}`)
}

function unknownRecipe({ manifest }: Scene, name: string): Outcome {
  const names = manifest.recipes.map((recipe) => recipe.name)
  const near = nearest(name, names)
  const known =
    names.length === 0 ? 'add a recipe to .agentos/recipes/' : `use one of these recipes: ${names.join(', ')}`
  return refused(
    'recipes',
    `there is no recipe ${name}`,
    near === undefined ? known : `did you mean ${near}? Else ${known}`,
  )
}

/** The checks of a recipe and of those that it used, each once. */
function verification(
  recipe: Recipe,
  checks: readonly Verify[],
): Pick<Sketch, 'verify' | 'checks' | 'noVerify' | 'evidence'> {
  const own = checks.flatMap((check) => (check === 'repository-tests' ? [] : check.map(toStep)))
  const verify = [...new Map(own.map((step) => [step.argv.join('\0'), step])).values()]
  const noVerify = verify.length === 0 ? `the recipe ${recipe.name} names no check` : null
  return {
    verify,
    noVerify,
    checks: checks.includes('repository-tests') ? 'with-repository' : 'as-given',
    evidence: [],
  }
}

function toStep(argv: readonly string[]): Sketch['verify'][number] {
  return { argv, criteria: [] }
}
