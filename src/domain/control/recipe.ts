import { z } from 'zod'
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

/** A plan template without any model. `{{name}}` stands for a parameter, in every text but `kind`. */
export const Recipe = z
  .strictObject({
    name: RecipeName,
    version: z.int().min(1),
    summary: sentence,
    params: list(Parameter).refine(
      (params) => new Set(params.map((param) => param.name)).size === params.length,
      'two parameters have the same name',
    ),
    edits: list(EditTemplate).default([]),
    run: list(RunTemplate).default([]),
    verify: VerifyTemplate,
  })
  .superRefine((recipe, context) => {
    const faults = [...undeclared(recipe), ...unfitDefaults(recipe.params)]
    for (const message of faults) context.addIssue({ code: 'custom', message })
    if (recipe.edits.length + recipe.run.length === 0) context.addIssue({ code: 'custom', message: 'changes nothing' })
  })
export type Recipe = z.infer<typeof Recipe>

type Templates = Pick<Recipe, 'params' | 'edits' | 'run' | 'verify'>

/** Every `{{name}}` of a text; a name may hold only what a parameter's name may. */
export const PLACEHOLDER = /\{\{([a-z][a-z0-9_]*)\}\}/g

function undeclared(recipe: Templates): readonly string[] {
  const declared = new Set(recipe.params.map((param) => param.name))
  const used = textsOf(recipe).flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))
  const missing = new Set(used.filter((name) => !declared.has(name)))
  return [...missing].map((name) => `{{${name}}} is not a declared parameter`)
}

function textsOf({ edits, run, verify }: Templates): readonly string[] {
  return [
    ...edits.flatMap((edit) =>
      edit.kind === 'add-file' ? [edit.path, edit.content] : [edit.find, edit.replace, ...edit.paths],
    ),
    ...run.flatMap((step) => [...step.argv, ...step.outputs]),
    ...(verify === 'repository-tests' ? [] : verify.flat()),
  ]
}

function unfitDefaults(params: readonly Parameter[]): readonly string[] {
  return params.flatMap((param) => {
    if (param.default === undefined) return param.required ? [] : [`${param.name} is not required but has no default`]
    const fault = parameterFault(param, param.default)
    return fault === undefined ? [] : [`${param.name}: its default ${fault}`]
  })
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
