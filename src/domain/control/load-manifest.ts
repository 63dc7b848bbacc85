import type { z } from 'zod'
import type { TrustedKeys } from '../evidence.ts'
import { sha256Hex } from '../hash.ts'
import { ok, type Result, refuse } from '../result.ts'
import { readTrustedKeys } from '../trusted-keys.ts'
import { Contractors } from './contractor.ts'
import { layerPolicy } from './layer-policy.ts'
import { type Manifest, schemasHash } from './manifest.ts'
import { Policy, PolicyLayer } from './policy.ts'
import {
  DataRecipe,
  MAX_MODULE_CHARACTERS,
  ModuleHead,
  type ModuleRecipe,
  parameterFault,
  type Recipe,
} from './recipe.ts'
import { fileOf, useFaults } from './recipe-uses.ts'
import { type ControlRefusal, refusalsOf } from './refusal.ts'
import { type ScheduleRule, Schedules } from './schedule.ts'

/** A file of a control plane; `path` is relative to the pack or to `.agentos/`. */
export type ControlFile = { readonly path: string; readonly bytes: Uint8Array }

/** The files of one layer and where they were read from (a release, or a commit of the default branch). */
export type ControlLayer = { readonly ref: string; readonly files: readonly ControlFile[] }

/** Turns YAML text into plain data, or says what is wrong with it. */
export type ParseYaml = (text: string) => Result<unknown, string>

/** What a recipe module says about itself, or why it could not be asked; the sandbox has been run before. */
export type DescribeModule = (source: string) => Result<unknown, string>

export type ControlSources = {
  readonly engine: string
  readonly shipped: ControlLayer
  readonly repository: ControlLayer | null
  readonly parseYaml: ParseYaml
  readonly describe: DescribeModule
}

/** Compiles the shipped pack and a repository's `.agentos/` to one Manifest, or names every fault found. */
export function loadManifest(sources: ControlSources): Result<Manifest, readonly ControlRefusal[]> {
  const shipped = readPack(sources.shipped, Policy, sources)
  const repository = readPack(sources.repository ?? NO_LAYER, PolicyLayer, sources)
  if (shipped.policy === undefined) {
    return refuse([
      ...shipped.refusals,
      { file: 'policy.yml', key: '', reason: 'the shipped pack has no valid policy' },
    ])
  }
  const policy = layerPolicy(shipped.policy, repository.policy ?? { version: 1 }, '.agentos/policy.yml')
  const refusals = [
    ...shipped.refusals,
    ...repository.refusals.map((refusal) => ({ ...refusal, file: `.agentos/${refusal.file}` })),
    ...(policy.ok ? [] : policy.refusal),
  ]
  if (!policy.ok || refusals.length > 0) return refuse(refusals)
  const recipes = layered(shipped.recipes, repository.recipes, (recipe) => recipe.name)
  const schedules = layered(shipped.schedules, repository.schedules, (rule) => rule.id)
  const broken = [
    ...recipeFaults(recipes, repository.recipes),
    ...schedules.flatMap((rule) => scheduleFaults(rule, recipes)),
  ]
  if (broken.length > 0) return refuse(broken)
  const keys = repository.keys ?? shipped.keys
  return ok({
    version: 1,
    engine: sources.engine,
    layers: layersOf(sources),
    schemas: schemasHash(),
    policy: policy.value,
    recipes,
    schedules,
    contractors: layered(shipped.contractors, repository.contractors, (contractor) => contractor.name),
    ...(keys === undefined ? {} : { keys }),
  })
}

const NO_LAYER: ControlLayer = { ref: '', files: [] }

type Pack<P> = {
  readonly policy: P | undefined
  readonly recipes: readonly Recipe[]
  readonly schedules: readonly ScheduleRule[]
  readonly contractors: Contractors['contractors']
  readonly keys: TrustedKeys['keys'] | undefined
  readonly refusals: readonly ControlRefusal[]
}

type Readers = Pick<ControlSources, 'parseYaml' | 'describe'>

function readPack<P>(layer: ControlLayer, policySchema: z.ZodType<P>, { parseYaml, describe }: Readers): Pack<P> {
  const refusals: ControlRefusal[] = [...repeatedPaths(layer.files)]
  const kept = <T>(parsed: Result<T, readonly ControlRefusal[]>): readonly T[] => {
    if (parsed.ok) return [parsed.value]
    refusals.push(...parsed.refusal)
    return []
  }
  const read = <T>(file: ControlFile, schema: z.ZodType<T>) => kept(parseFile(file, schema, parseYaml))
  const policies = filesOf(layer, 'policy').flatMap((file) => read(file, policySchema))
  const recipes = [
    ...filesOf(layer, 'recipe').flatMap((file): readonly Recipe[] => read(file, DataRecipe)),
    ...filesOf(layer, 'module').flatMap((file): readonly Recipe[] => kept(parseModule(file, describe))),
  ]
  const schedules = filesOf(layer, 'schedules').flatMap((file) => read(file, Schedules))
  const contractors = filesOf(layer, 'contractors').flatMap((file) => read(file, Contractors))
  const keys = filesOf(layer, 'keys').flatMap((file) => kept(parseKeys(file)))
  refusals.push(...filesOf(layer, 'unknown').map((file) => unknownFile(file.path)), ...repeatedNames(recipes))
  return {
    policy: policies[0],
    recipes,
    schedules: schedules.flatMap((file) => file.schedules),
    contractors: contractors.flatMap((file) => file.contractors),
    keys: keys[0]?.keys,
    refusals,
  }
}

type FileKind = 'policy' | 'recipe' | 'module' | 'schedules' | 'contractors' | 'keys' | 'prose' | 'unknown'

function filesOf(layer: ControlLayer, kind: FileKind): readonly ControlFile[] {
  return layer.files.filter((file) => kindOf(file.path) === kind)
}

/** Prose (memory, prompts, a README) governs nothing: what is read of it is pinned where it is used. */
function kindOf(path: string): FileKind {
  if (path === 'policy.yml') return 'policy'
  if (path === 'schedules.yml') return 'schedules'
  if (path === 'contractors.yml') return 'contractors'
  if (path === 'keys.json') return 'keys'
  if (/^recipes\/[a-z][a-z0-9-]*\.yml$/.test(path)) return 'recipe'
  if (/^recipes\/[a-z][a-z0-9-]*\.js$/.test(path)) return 'module'
  return /^(?:(?:memory|prompts)\/[^/]+\.md|README\.md)$/.test(path) ? 'prose' : 'unknown'
}

function unknownFile(path: string): ControlRefusal {
  return { file: path, key: '', reason: 'is no file that a control plane has' }
}

function repeatedPaths(files: readonly ControlFile[]): readonly ControlRefusal[] {
  const seen = new Set<string>()
  return files.flatMap(({ path }) => {
    const isNew = !seen.has(path)
    seen.add(path)
    return isNew ? [] : [{ file: path, key: '', reason: 'is there twice' }]
  })
}

function repeatedNames(recipes: readonly Recipe[]): readonly ControlRefusal[] {
  const seen = new Set<string>()
  return recipes.flatMap((recipe) => {
    const isNew = !seen.has(recipe.name)
    seen.add(recipe.name)
    return isNew ? [] : [{ file: fileOf(recipe), key: 'name', reason: 'two recipes have this name' }]
  })
}

function recipeFaults(recipes: readonly Recipe[], own: readonly Recipe[]): readonly ControlRefusal[] {
  const files = new Set(own.map(fileOf))
  const size = recipes.reduce((sum, recipe) => sum + ('source' in recipe ? recipe.source.length : 0), 0)
  const most = 4 * MAX_MODULE_CHARACTERS
  const tooMuch = { file: 'recipes', key: '', reason: `the modules together are longer than ${most} characters` }
  return [
    ...useFaults(recipes).map((fault) =>
      files.has(fault.file) ? { ...fault, file: `.agentos/${fault.file}` } : fault,
    ),
    ...(size > most ? [tooMuch] : []),
  ]
}

/** A module is asked what it is; its source goes into the Manifest, so that a changed byte of it changes the hash. */
function parseModule(file: ControlFile, describe: DescribeModule): Result<ModuleRecipe, readonly ControlRefusal[]> {
  const fault = (key: string, reason: string) => refuse([{ file: file.path, key, reason }])
  const source = decode(file.bytes)
  if (source === undefined) return fault('', 'is not UTF-8 text')
  if (source.length > MAX_MODULE_CHARACTERS) return fault('', `is longer than ${MAX_MODULE_CHARACTERS} characters`)
  const described = describe(source)
  if (!described.ok) return fault('', described.refusal)
  const head = ModuleHead.safeParse(described.value)
  if (!head.success) return refuse(refusalsOf(head.error, file.path))
  if (file.path !== `recipes/${head.data.name}.js`)
    return fault('name', `is ${head.data.name}, which the file is not named after`)
  return ok({ ...head.data, source, sha256: sha256Hex(file.bytes) })
}

function parseKeys(file: ControlFile): Result<TrustedKeys, readonly ControlRefusal[]> {
  const keys = readTrustedKeys(file.bytes)
  return keys.ok ? keys : refuse([{ file: file.path, key: '', reason: keys.refusal }])
}

function parseFile<T>(
  file: ControlFile,
  schema: z.ZodType<T>,
  parseYaml: ParseYaml,
): Result<T, readonly ControlRefusal[]> {
  const fault = (reason: string) => refuse([{ file: file.path, key: '', reason }])
  const text = decode(file.bytes)
  if (text === undefined) return fault('is not UTF-8 text')
  const data = parseYaml(text)
  if (!data.ok) return fault(data.refusal)
  const parsed = schema.safeParse(data.value)
  return parsed.success ? ok(parsed.data) : refuse(refusalsOf(parsed.error, file.path))
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function layered<T>(below: readonly T[], above: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const all = new Map([...below, ...above].map((item) => [keyOf(item), item]))
  return [...all.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function scheduleFaults(rule: ScheduleRule, recipes: readonly Recipe[]): readonly ControlRefusal[] {
  const fault = (reason: string): ControlRefusal => ({ file: 'schedules.yml', key: rule.id, reason })
  const recipe = recipes.find((candidate) => candidate.name === rule.recipe)
  if (recipe === undefined) return [fault(`there is no recipe ${rule.recipe}`)]
  const given = new Map(Object.entries(rule.params))
  const known = new Map(recipe.params.map((param) => [param.name, param]))
  return [
    ...[...given.keys()].filter((name) => !known.has(name)).map((name) => fault(`${rule.recipe} has no ${name}`)),
    ...recipe.params.flatMap((param) => {
      const value = given.get(param.name)
      if (value === undefined)
        return param.required && param.default === undefined ? [fault(`${param.name} is missing`)] : []
      const reason = parameterFault(param, value)
      return reason === undefined ? [] : [fault(`${param.name} ${reason}`)]
    }),
  ]
}

function layersOf(sources: ControlSources): Manifest['layers'] {
  const shipped = layerOf('shipped', sources.shipped)
  return sources.repository === null ? [shipped] : [shipped, layerOf('repository', sources.repository)]
}

function layerOf(source: 'shipped' | 'repository', { ref, files }: ControlLayer): Manifest['layers'][number] {
  const hashed = files.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes) }))
  return { source, ref, files: hashed.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}
