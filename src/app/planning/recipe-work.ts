import type { FilledRecipe, Verify } from '../../domain/control/fill-recipe.ts'
import type { Recipe } from '../../domain/control/recipe.ts'
import type { PathClaim } from '../../domain/packs/path-facts.ts'
import type { RecipeModules } from '../recipe-modules.ts'
import type { Scene } from './scene.ts'
import { type Asking, type Refused, refused, type Written } from './sketch.ts'

/** What the recipes of one plan have made so far: each sees what the ones before it left. */
export type Work = {
  readonly scene: Scene
  readonly modules: RecipeModules
  readonly written: Map<string, Written>
  readonly claims: Map<string, PathClaim>
  readonly runs: FilledRecipe['run'][number][]
  readonly checks: Verify[]
  /** The recipes that were followed, in order. */
  readonly followed: Recipe[]
}

/** Why a plan cannot go on: people are asked, or it is refused. Undefined where it can. */
export type Halt = Asking | Refused | undefined

/** The first thing that is taken for granted at a path is a claim about the base; what comes later is about the plan. */
export function claim({ claims }: Work, path: string, is: PathClaim['claims']): void {
  if (!claims.has(path)) claims.set(path, { path, claims: is })
}

export function labelOf({ name, version }: Recipe): string {
  return `the recipe ${name}@${version}`
}

/** A fault in a recipe itself. */
export function brokenRecipe(recipe: Recipe, because: string): Refused {
  return refused(
    'recipes',
    `${labelOf(recipe)} cannot be followed: ${because}`,
    `mend the recipe ${recipe.name}, or use another one`,
  )
}
