import { recipeModules } from '../adapters/modules/recipe-modules.ts'

/** The sandbox of this process for recipe modules; its thread starts with the first module that runs. */
export const modules = recipeModules()
