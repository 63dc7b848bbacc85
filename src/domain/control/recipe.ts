import { z } from 'zod'
import { Sha256, sha256Hex } from '../hash.ts'
import { list } from './words.ts'

export const RecipeName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not a name in small letters, digits and dashes')
const ParameterName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'is not a parameter name')
const sentence = z.string().min(1).max(300)
const template = z.string().min(1).max(65_536)

const described = {
  name: ParameterName,
  required: z.boolean(),
  question: sentence,
  default: z.string().max(4096).exactOptional(),
}

/** A parameter of a recipe. A required one without a value becomes the question it carries. */
export const Parameter = z.discriminatedUnion('type', [
  z.strictObject({ ...described, type: z.enum(['text', 'path', 'globs', 'command', 'boolean', 'number']) }),
  z.strictObject({ ...described, type: z.literal('choice'), choices: list(z.string().min(1).max(200)) }),
])
export type Parameter = z.infer<typeof Parameter>

export const EditTemplate = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('replace-text'),
    find: template,
    replace: z.string().max(65_536),
    paths: list(template),
  }),
  z.strictObject({ kind: z.literal('add-file'), path: template, content: z.string().max(1_048_576) }),
  z.strictObject({
    kind: z.literal('use'),
    recipe: RecipeName,
    params: z.record(ParameterName, z.string().max(65_536)),
  }),
])
export type EditTemplate = z.infer<typeof EditTemplate>

export const RunTemplate = z.strictObject({
  kind: z.literal('run-command'),
  argv: list(template),
  outputs: list(template),
})
export type RunTemplate = z.infer<typeof RunTemplate>

/** What shows that the work is right: the repository's own test command, or the commands named here. */
export const VerifyTemplate = z.union([z.literal('repository-tests'), list(list(template))])

/** Another recipe that this one follows as a part of its own plan, at exactly this version. */
export const UsedRecipe = z.strictObject({ name: RecipeName, version: z.int().min(1) })

const head = {
  version: z.int().min(1),
  summary: sentence,
  params: list(Parameter).refine(
    (params) => new Set(params.map((param) => param.name)).size === params.length,
    'two parameters have the same name',
  ),
  uses: list(UsedRecipe).default([]),
  verify: VerifyTemplate,
}

/** A plan template as data. `{{name}}` stands for a parameter, in every text but `kind`. */
export const DataRecipe = z
  .strictObject({
    name: RecipeName,
    ...head,
    edits: list(EditTemplate).default([]),
    run: list(RunTemplate).default([]),
  })
  .superRefine((recipe, context) => {
    const faults = [
      ...undeclared(recipe, textsOf(recipe)),
      ...unfitDefaults(recipe.params),
      ...withoutDefault(recipe.params),
      ...unannounced(recipe),
    ]
    for (const message of faults) context.addIssue({ code: 'custom', message })
    if (recipe.edits.length + recipe.run.length === 0) context.addIssue({ code: 'custom', message: 'changes nothing' })
  })
export type DataRecipe = z.infer<typeof DataRecipe>

/** Its questions are told apart by this name, which has to fit into a topic beside the parameter's. */
const ModuleName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,23}$/, 'is not a name of at most 24 small letters, digits and dashes')

const moduleHead = {
  name: ModuleName,
  ...head,
  /** Patterns of the files that it is given to read. */
  files: list(template).refine((patterns) => patterns.length <= 100, 'are more than 100 patterns'),
}

/** What a module says about itself; a parameter that is not required and has no default is asked for when it is needed. */
export const ModuleHead = z.strictObject(moduleHead).superRefine((recipe, context) => {
  const texts = [...recipe.files, ...verifyTexts(recipe.verify)]
  const faults = [...undeclared(recipe, texts), ...unfitDefaults(recipe.params)]
  for (const message of faults) context.addIssue({ code: 'custom', message })
})
export type ModuleHead = z.infer<typeof ModuleHead>

export const MAX_MODULE_CHARACTERS = 65_536

/** A recipe that is code: its source is part of the control plane, and runs nowhere but in the modules' sandbox. */
export const ModuleRecipe = z
  .strictObject({ ...moduleHead, source: z.string().min(1).max(MAX_MODULE_CHARACTERS), sha256: Sha256 })
  .refine(
    ({ source, sha256 }) => sha256Hex(new TextEncoder().encode(source)) === sha256,
    'is not the source of its hash',
  )
export type ModuleRecipe = z.infer<typeof ModuleRecipe>

/** A plan without any model. */
export const Recipe = z.union([ModuleRecipe, DataRecipe])
export type Recipe = z.infer<typeof Recipe>

export function isModule(recipe: Recipe): recipe is ModuleRecipe {
  return 'source' in recipe
}

/** A recipe as people ask for it: its name and parameters, those in brackets that need not be given. */
export function recipeUsage({ name, params }: Recipe): string {
  return [name, ...params.map((param) => (param.required ? `${param.name}=…` : `[${param.name}=…]`))].join(' ')
}

/** Every `{{name}}` of a text; a name may hold only what a parameter's name may. */
export const PLACEHOLDER = /\{\{([a-z][a-z0-9_]*)\}\}/g

function undeclared({ params }: Pick<Recipe, 'params'>, texts: readonly string[]): readonly string[] {
  const declared = new Set(params.map((param) => param.name))
  const used = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))
  const missing = new Set(used.filter((name) => !declared.has(name)))
  return [...missing].map((name) => `{{${name}}} is not a declared parameter`)
}

function textsOf({ edits, run, verify }: Pick<DataRecipe, 'edits' | 'run' | 'verify'>): readonly string[] {
  return [
    ...edits.flatMap(editTexts),
    ...run.flatMap((step) => [...step.argv, ...step.outputs]),
    ...verifyTexts(verify),
  ]
}

function editTexts(edit: EditTemplate): readonly string[] {
  switch (edit.kind) {
    case 'add-file':
      return [edit.path, edit.content]
    case 'replace-text':
      return [edit.find, edit.replace, ...edit.paths]
    case 'use':
      return Object.values(edit.params)
  }
}

function verifyTexts(verify: z.infer<typeof VerifyTemplate>): readonly string[] {
  return verify === 'repository-tests' ? [] : verify.flat()
}

function unfitDefaults(params: readonly Parameter[]): readonly string[] {
  return params.flatMap((param) => {
    if (param.default === undefined) return []
    const fault = parameterFault(param, param.default)
    return fault === undefined ? [] : [`${param.name}: its default ${fault}`]
  })
}

function withoutDefault(params: readonly Parameter[]): readonly string[] {
  const odd = params.filter((param) => !param.required && param.default === undefined)
  return odd.map(({ name }) => `${name} is not required but has no default`)
}

function unannounced({ edits, uses }: Pick<DataRecipe, 'edits' | 'uses'>): readonly string[] {
  const used = edits.flatMap((edit) => (edit.kind === 'use' ? [edit.recipe] : []))
  const missing = new Set(used.filter((name) => !uses.some((use) => use.name === name)))
  return [...missing].map((name) => `${name} is used, but \`uses\` does not name it with a version`)
}

/** What is wrong with a value for a parameter, or `undefined` where it fits. */
export function parameterFault(param: Parameter, value: string): string | undefined {
  if (param.type === 'choice')
    return param.choices.includes(value) ? undefined : `is none of ${param.choices.join(', ')}`
  const { fits, otherwise } = SHAPES[param.type]
  return fits(value) ? undefined : otherwise
}

const isFilled = (value: string) => value.trim() !== ''

const SHAPES = {
  text: { fits: () => true, otherwise: '' },
  path: { fits: isFilled, otherwise: 'is empty' },
  globs: { fits: isFilled, otherwise: 'is empty' },
  command: { fits: isFilled, otherwise: 'is empty' },
  boolean: { fits: (value: string) => value === 'true' || value === 'false', otherwise: 'is neither true nor false' },
  number: { fits: (value: string) => /^-?(?:0|[1-9][0-9]{0,14})$/.test(value), otherwise: 'is not a whole number' },
} as const
