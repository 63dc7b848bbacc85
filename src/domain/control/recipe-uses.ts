import type { EditTemplate, Parameter, Recipe } from './recipe.ts'
import { isModule } from './recipe.ts'
import type { ControlRefusal } from './refusal.ts'

/** Every fault in how recipes use each other: one that is not there, another version, a circle, parameters that do not fit. */
export function useFaults(recipes: readonly Recipe[]): readonly ControlRefusal[] {
  const known = new Map(recipes.map((recipe) => [recipe.name, recipe]))
  return recipes.flatMap((recipe) => {
    const fault = (reason: string): ControlRefusal => ({ file: fileOf(recipe), key: 'uses', reason })
    const circle = circleFrom(recipe, known)
    return [
      ...repeated(recipe.uses.map(({ name }) => name)).map((name) => fault(`${name} is named twice`)),
      ...recipe.uses.flatMap((use) => versionFault(use, known.get(use.name))).map(fault),
      ...(circle === undefined ? [] : [fault(`it uses itself: ${circle.join(' → ')}`)]),
      ...paramFaults(recipe, known).map(fault),
    ]
  })
}

/** The file that a recipe is read from, whichever layer it lies in. */
export function fileOf(recipe: Recipe): string {
  return `recipes/${recipe.name}.${isModule(recipe) ? 'js' : 'yml'}`
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
}

function versionFault({ name, version }: Recipe['uses'][number], found: Recipe | undefined): readonly string[] {
  if (found === undefined) return [`there is no recipe ${name}`]
  return found.version === version ? [] : [`${name} has version ${found.version}, not ${version}`]
}

/** The shortest way from a recipe back to itself. */
function circleFrom(recipe: Recipe, known: ReadonlyMap<string, Recipe>): readonly string[] | undefined {
  const seen = new Set<string>()
  let ways: readonly (readonly string[])[] = [[recipe.name]]
  while (ways.length > 0) {
    const next = ways.flatMap((way) => (known.get(way.at(-1) ?? '')?.uses ?? []).map(({ name }) => [...way, name]))
    const circle = next.find((way) => way.at(-1) === recipe.name)
    if (circle !== undefined) return circle
    ways = next.filter((way) => {
      const last = way.at(-1) ?? ''
      return !seen.has(last) && seen.add(last)
    })
  }
  return undefined
}

/** What a data recipe hands on is known when it is read; what a module hands on is judged when it plans. */
function paramFaults(recipe: Recipe, known: ReadonlyMap<string, Recipe>): readonly string[] {
  if (isModule(recipe)) return []
  return recipe.edits.flatMap((edit) => {
    const used = edit.kind === 'use' ? known.get(edit.recipe) : undefined
    return edit.kind !== 'use' || used === undefined ? [] : handedFaults(edit, used.params)
  })
}

type Use = Extract<EditTemplate, { kind: 'use' }>

function handedFaults({ recipe, params: handed }: Use, params: readonly Parameter[]): readonly string[] {
  const names = params.map(({ name }) => name)
  const unknown = Object.keys(handed).filter((name) => !names.includes(name))
  const missing = params.filter((param) => param.required && !Object.hasOwn(handed, param.name))
  return [
    ...unknown.map((name) => `${recipe} has no parameter ${name}`),
    ...missing.map(({ name }) => `${recipe} is used without its ${name}`),
  ]
}
