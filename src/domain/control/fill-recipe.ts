import { ok, type Result, refuse } from '../result.ts'
import {
  type EditTemplate,
  type Parameter,
  PLACEHOLDER,
  parameterFault,
  type Recipe,
  type RunTemplate,
} from './recipe.ts'
import { tokenize } from './tokenize.ts'
import { Glob } from './words.ts'

/** A recipe whose parameters all have their values. */
export type FilledRecipe = {
  readonly edits: readonly EditTemplate[]
  readonly run: readonly RunTemplate[]
  readonly verify: 'repository-tests' | readonly (readonly string[])[]
}

export type Unfilled =
  /** People have to be asked: each parameter carries its question. */
  | { readonly is: 'incomplete'; readonly missing: readonly Parameter[] }
  | { readonly is: 'invalid'; readonly faults: readonly string[] }

/** Puts values in the places of a recipe, each once: a value that looks like a placeholder stays as it is. */
export function fillRecipe(recipe: Recipe, given: ReadonlyMap<string, string>): Result<FilledRecipe, Unfilled> {
  const faults = [...unknownNames(recipe, given), ...recipe.params.flatMap((param) => valueFaults(param, given))]
  if (faults.length > 0) return refuse({ is: 'invalid', faults })
  const missing = recipe.params.filter((param) => param.required && valueOf(param, given) === undefined)
  if (missing.length > 0) return refuse({ is: 'incomplete', missing })
  const values = new Map(recipe.params.map((param) => [param.name, valueOf(param, given) ?? '']))
  const one = (text: string) => text.replaceAll(PLACEHOLDER, (_, name: string) => values.get(name) ?? '')
  const many = (texts: readonly string[]) => texts.flatMap((text) => listOf(recipe, text, values) ?? [one(text)])
  return ok({
    edits: recipe.edits.map((edit) => fillEdit(edit, one, many)),
    run: recipe.run.map((step) => ({ ...step, argv: many(step.argv), outputs: many(step.outputs) })),
    verify: recipe.verify === 'repository-tests' ? recipe.verify : recipe.verify.map(many),
  })
}

function fillEdit(
  edit: EditTemplate,
  one: (text: string) => string,
  many: (texts: readonly string[]) => readonly string[],
): EditTemplate {
  if (edit.kind === 'add-file') return { kind: edit.kind, path: one(edit.path), content: one(edit.content) }
  return { kind: edit.kind, find: one(edit.find), replace: one(edit.replace), paths: many(edit.paths) }
}

function valueOf(param: Parameter, given: ReadonlyMap<string, string>): string | undefined {
  return given.get(param.name) ?? param.default
}

function unknownNames(recipe: Recipe, given: ReadonlyMap<string, string>): readonly string[] {
  const names = recipe.params.map((param) => param.name)
  return [...given.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => `${recipe.name} has no parameter ${name}; it has ${names.join(', ')}`)
}

function valueFaults(param: Parameter, given: ReadonlyMap<string, string>): readonly string[] {
  const value = valueOf(param, given)
  if (value === undefined) return []
  const fault = parameterFault(param, value) ?? listFault(param, value)
  return fault === undefined ? [] : [`${param.name} ${fault}`]
}

function listFault(param: Parameter, value: string): string | undefined {
  if (param.type === 'command') {
    const words = tokenize(value)
    return words.ok ? undefined : words.refusal
  }
  if (param.type !== 'globs') return undefined
  const isOdd = patternsOf(value).some((pattern) => !Glob.safeParse(pattern).success)
  return isOdd ? 'holds something that is no relative pattern' : undefined
}

/** A text that is one placeholder of a list-like parameter stands for as many items as its value has. */
function listOf(recipe: Recipe, text: string, values: ReadonlyMap<string, string>): readonly string[] | undefined {
  const param = recipe.params.find(({ name }) => text === `{{${name}}}`)
  const value = param === undefined ? undefined : values.get(param.name)
  if (param === undefined || value === undefined) return undefined
  if (param.type === 'globs') return patternsOf(value)
  if (param.type !== 'command') return undefined
  const words = tokenize(value)
  return words.ok ? words.value : undefined
}

function patternsOf(value: string): readonly string[] {
  return value.split(/\s+/).filter((pattern) => pattern !== '')
}
