import { readFileSync } from 'node:fs'
import { validate as validateQuery } from '@octokit/graphql-schema'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

export type Exchange = {
  readonly method: string
  /** Path with its query. */
  readonly path: string
  readonly requestBody: unknown
  readonly status: number
  readonly responseBody: unknown
}

export type Fault = {
  readonly in: 'path' | 'query' | 'request' | 'response'
  readonly operation: string
  readonly where: string
  readonly what: string
}

type Operation = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, object>>
  readonly body: object | null
  readonly bodyRequired: boolean
  readonly responses: Readonly<Record<string, object | null>>
}

type Description = { readonly operations: readonly Operation[]; readonly schemas: Readonly<Record<string, object>> }

/** What of a response is known to differ; a request has no such list. */
const KNOWN: readonly { readonly where: RegExp; readonly because: string }[] = []

const description: Description = JSON.parse(readFileSync(new URL('../openapi/github.json', import.meta.url), 'utf8'))
const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
addFormats.default(ajv)
ajv.addSchema({ $id: 'github', schemas: description.schemas })
/** Query values arrive as text. */
const coercing = new Ajv({ strict: false, coerceTypes: true, logger: false })
addFormats.default(coercing)
coercing.addSchema({ $id: 'github', schemas: description.schemas })

const SPANNING = new Set(['ref', 'path', 'basehead', 'branch', 'tree_sha'])
const routes = description.operations
  .map((operation) => ({
    operation,
    pattern: patternOf(operation.path),
    segments: operation.path.split('/').length,
    holes: operation.path.split('{').length,
  }))
  .sort((one, other) => other.segments - one.segments || one.holes - other.holes)

const compiled = new Map<object, ValidateFunction>()

/** Judges one exchange with GitHub's API by GitHub's own description of it. */
export function checkExchange(exchange: Exchange): readonly Fault[] {
  const [path = '', query = ''] = exchange.path.split('?')
  if (/^\/repos\/[^/]+\/[^/]+\/codeload\//.test(path)) return []
  if (/\.git\/(info\/refs|git-(upload|receive)-pack)$/.test(path)) return []
  if (path === '/graphql') return checkGraphql(exchange)
  const found = routes.find(({ operation, pattern }) => operation.method === exchange.method && pattern.test(path))
  if (found === undefined) {
    return [
      {
        in: 'path',
        operation: 'none',
        where: `${exchange.method} ${path}`,
        what: 'is not a documented operation that this project uses',
      },
    ]
  }
  const { operation } = found
  return [
    ...checkQuery(operation, new URLSearchParams(query)),
    ...checkBody(operation, exchange.requestBody),
    ...checkResponse(operation, exchange),
  ]
}

function checkQuery(operation: Operation, query: URLSearchParams): readonly Fault[] {
  return [...query].flatMap(([name, value]): readonly Fault[] => {
    const schema = operation.query[name]
    const fault = (what: string): Fault => ({ in: 'query', operation: operation.id, where: name, what })
    if (schema === undefined) return [fault('is not a documented parameter')]
    const validate = coercing.compile({ type: 'object', properties: { value: schema } })
    return validate({ value }) ? [] : [fault(ajv.errorsText(validate.errors))]
  })
}

function checkBody(operation: Operation, body: unknown): readonly Fault[] {
  const fault = (where: string, what: string): Fault => ({ in: 'request', operation: operation.id, where, what })
  const empty = body === null || body === undefined || (typeof body === 'object' && Object.keys(body).length === 0)
  if (operation.body === null) return empty ? [] : [fault('', 'has a body where none is documented')]
  if (empty && !operation.bodyRequired) return []
  return errorsOf(operation.body, body).map((error) => fault(error.instancePath, sentence(error)))
}

function checkResponse(operation: Operation, { status, responseBody }: Exchange): readonly Fault[] {
  if (status < 200 || status > 299) return []
  const schema = operation.responses[String(status)]
  const fault = (where: string, what: string): Fault => ({ in: 'response', operation: operation.id, where, what })
  if (schema === undefined) return [fault('', `status ${status} is not documented`)]
  if (schema === null || responseBody === null) return []
  return errorsOf(schema, responseBody)
    .filter((error) => !KNOWN.some(({ where }) => where.test(`${operation.id} ${error.instancePath}`)))
    .map((error) => fault(error.instancePath, sentence(error)))
}

function checkGraphql({ requestBody, responseBody }: Exchange): readonly Fault[] {
  const query =
    typeof requestBody === 'object' && requestBody !== null && 'query' in requestBody ? requestBody.query : ''
  const fault = (where: Fault['in'], what: string): Fault => ({ in: where, operation: 'graphql', where: '', what })
  const errors = validateQuery(String(query)).map((error) => fault('request', error.message))
  const answered = typeof responseBody === 'object' && responseBody !== null && 'data' in responseBody
  return responseBody === null || answered ? errors : [...errors, fault('response', 'has no data')]
}

function errorsOf(schema: object, value: unknown): readonly ErrorObject[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  return validate(value) ? [] : (validate.errors ?? [])
}

const sentence = (error: ErrorObject): string => `${error.message ?? 'is wrong'} ${JSON.stringify(error.params)}`

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => (SPANNING.has(name) ? '.+' : '[^/]+'))
  return new RegExp(`^${source}$`)
}
