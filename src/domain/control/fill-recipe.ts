import { ok, type Result, refuse } from '../result.ts'
import {
  type DataRecipe,
  type EditTemplate,
  type ModuleRecipe,
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
  readonly verify: Verify
}

/** A module whose patterns and commands are filled in, and what it is told: each value in its parameter's own type. */
export type FilledModule = {
  readonly files: readonly string[]
  readonly verify: Verify
  readonly params: Readonly<Record<string, ModuleValue>>
}

export type Verify = 'repository-tests' | readonly (readonly string[])[]
type ModuleValue = string | number | boolean | readonly string[]

export type Unfilled =
  /** People have to be asked: each parameter carries its question. */
  | { readonly is: 'incomplete'; readonly missing: readonly Parameter[] }
  | { readonly is: 'invalid'; readonly faults: readonly string[] }

/** Puts values in the places of a recipe, each once: a value that looks like a placeholder stays as it is. */
export function fillRecipe(recipe: DataRecipe, given: ReadonlyMap<string, string>): Result<FilledRecipe, Unfilled> {
  const values = valuesFor(recipe, given)
  if (!values.ok) return values
  const { one, many } = filling(recipe.params, values.value)
  return ok({
    edits: recipe.edits.map((edit) => fillEdit(edit, one, many)),
    run: recipe.run.map((step) => ({ ...step, argv: many(step.argv), outputs: many(step.outputs) })),
    verify: fillVerify(recipe.verify, many),
  })
}

export function fillModule(recipe: ModuleRecipe, given: ReadonlyMap<string, string>): Result<FilledModule, Unfilled> {
  const values = valuesFor(recipe, given)
  if (!values.ok) return values
  const { many } = filling(recipe.params, values.value)
  const told = recipe.params.flatMap((param) => {
    const value = values.value.get(param.name)
    return value === undefined ? [] : [[param.name, toModuleValue(param, value)] as const]
  })
  return ok({
    files: many(recipe.files).filter((pattern) => pattern !== ''),
    verify: fillVerify(recipe.verify, many),
    params: Object.fromEntries(told),
  })
}

/** Why these values cannot be the recipe's, or the values with the defaults among them. */
export function valuesFor(
  recipe: Pick<Recipe, 'name' | 'params'>,
  given: ReadonlyMap<string, string>,
): Result<ReadonlyMap<string, string>, Unfilled> {
  const faults = [...unknownNames(recipe, given), ...recipe.params.flatMap((param) => valueFaults(param, given))]
  if (faults.length > 0) return refuse({ is: 'invalid', faults })
  const missing = recipe.params.filter((param) => param.required && valueOf(param, given) === undefined)
  if (missing.length > 0) return refuse({ is: 'incomplete', missing })
  return ok(
    new Map(
      recipe.params.flatMap((param) => {
        const value = valueOf(param, given)
        return value === undefined ? [] : [[param.name, value] as const]
      }),
    ),
  )
}

type Filling = {
  readonly one: (text: string) => string
  readonly many: (texts: readonly string[]) => readonly string[]
}

function filling(params: readonly Parameter[], values: ReadonlyMap<string, string>): Filling {
  const one = (text: string) => text.replaceAll(PLACEHOLDER, (_, name: string) => values.get(name) ?? '')
  return { one, many: (texts) => texts.flatMap((text) => listOf(params, text, values) ?? [one(text)]) }
}

function fillVerify(verify: Recipe['verify'], many: Filling['many']): Verify {
  return verify === 'repository-tests' ? verify : verify.map(many)
}

function toModuleValue(param: Parameter, value: string): ModuleValue {
  switch (param.type) {
    case 'boolean':
      return value === 'true'
    case 'number':
      return Number(value)
    case 'globs':
      return patternsOf(value)
    case 'command':
      return wordsOf(value) ?? []
    case 'text':
    case 'path':
    case 'choice':
      return value
  }
}

function fillEdit(
  edit: EditTemplate,
  one: (text: string) => string,
  many: (texts: readonly string[]) => readonly string[],
): EditTemplate {
  if (edit.kind === 'add-file') return { kind: edit.kind, path: one(edit.path), content: one(edit.content) }
  if (edit.kind === 'use') return { ...edit, params: mapValues(edit.params, one) }
  return { kind: edit.kind, find: one(edit.find), replace: one(edit.replace), paths: many(edit.paths) }
}

function mapValues(params: Readonly<Record<string, string>>, one: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, one(text)]))
}

function valueOf(param: Parameter, given: ReadonlyMap<string, string>): string | undefined {
  return given.get(param.name) ?? param.default
}

function unknownNames(recipe: Pick<Recipe, 'name' | 'params'>, given: ReadonlyMap<string, string>): readonly string[] {
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
function listOf(
  params: readonly Parameter[],
  text: string,
  values: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const param = params.find(({ name }) => text === `{{${name}}}`)
  const value = param === undefined ? undefined : values.get(param.name)
  if (param === undefined || value === undefined) return undefined
  if (param.type === 'globs') return patternsOf(value)
  return param.type === 'command' ? wordsOf(value) : undefined
}

function wordsOf(value: string): readonly string[] | undefined {
  const words = tokenize(value)
  return words.ok ? words.value : undefined
}

function patternsOf(value: string): readonly string[] {
  return value.split(/\s+/).filter((pattern) => pattern !== '')
}
