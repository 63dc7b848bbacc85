/**
 * Cuts GitHub's own API description down to the operations this project uses, as JSON Schema for ajv.
 *
 * npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
 * node test/support/openapi/extract.mjs package/generated/api.github.com.json
 */
import { readFileSync, writeFileSync } from 'node:fs'

const OPERATIONS = [
  ...['apps/get-authenticated', 'apps/list-installations', 'apps/get-installation', 'apps/create-installation-access-token'],
  ...['apps/list-webhook-deliveries', 'apps/get-webhook-delivery', 'apps/redeliver-webhook-delivery', 'apps/get-repo-installation'],
  ...['apps/list-repos-accessible-to-installation', 'apps/revoke-installation-access-token', 'apps/get-webhook-config-for-app'],
  ...['rate-limit/get', 'meta/root', 'users/get-authenticated', 'users/get-by-username', 'repos/get'],
  ...['actions/list-workflow-runs-for-repo', 'actions/get-workflow-run', 'actions/cancel-workflow-run', 'actions/force-cancel-workflow-run'],
  ...['actions/list-repo-workflows', 'actions/get-workflow', 'actions/create-workflow-dispatch', 'actions/list-workflow-runs'],
  ...['actions/list-jobs-for-workflow-run', 'actions/list-workflow-run-artifacts', 'repos/get-branch-rules'],
  ...['repos/list-branches', 'repos/get-branch', 'repos/get-branch-protection', 'repos/codeowners-errors'],
  ...['checks/create', 'checks/get', 'checks/update', 'checks/list-annotations', 'checks/rerequest-run', 'checks/list-for-ref', 'checks/list-suites-for-ref'],
  ...['repos/check-collaborator', 'repos/list-collaborators', 'repos/get-collaborator-permission-level'],
  ...['repos/list-commits', 'repos/get-commit', 'repos/list-pull-requests-associated-with-commit', 'repos/compare-commits-with-basehead'],
  ...['repos/get-combined-status-for-ref', 'repos/get-content', 'repos/create-or-update-file-contents', 'repos/delete-file', 'repos/download-tarball-archive'],
  ...['git/create-blob', 'git/get-blob', 'git/create-commit', 'git/get-commit', 'git/list-matching-refs', 'git/get-ref', 'git/create-ref', 'git/update-ref', 'git/delete-ref', 'git/create-tree', 'git/get-tree'],
  ...['issues/list-for-repo', 'issues/create', 'issues/get', 'issues/update', 'issues/list-comments', 'issues/create-comment', 'issues/get-comment', 'issues/update-comment', 'issues/delete-comment', 'issues/list-comments-for-repo'],
  ...['issues/list-labels-on-issue', 'issues/add-labels', 'issues/set-labels', 'issues/remove-label', 'issues/remove-all-labels', 'issues/list-labels-for-repo', 'issues/create-label', 'issues/get-label', 'issues/update-label', 'issues/delete-label'],
  ...['issues/add-assignees', 'issues/remove-assignees', 'reactions/list-for-issue', 'reactions/create-for-issue', 'reactions/delete-for-issue'],
  ...['reactions/list-for-issue-comment', 'reactions/create-for-issue-comment', 'reactions/delete-for-issue-comment'],
  ...['pulls/list', 'pulls/create', 'pulls/get', 'pulls/update', 'pulls/list-commits', 'pulls/list-files', 'pulls/check-if-merged', 'pulls/merge'],
  ...['pulls/list-requested-reviewers', 'pulls/request-reviewers', 'pulls/remove-requested-reviewers'],
  ...['pulls/list-reviews', 'pulls/create-review', 'pulls/get-review', 'pulls/dismiss-review', 'pulls/list-review-comments'],
]

const source = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const NOISE = new Set(['description', 'example', 'examples', 'externalDocs', 'deprecated', 'title', 'readOnly', 'xml', 'discriminator'])
const schemas = {}

const pointed = (ref) => ref.slice(2).split('/').reduce((at, key) => at[key.replaceAll('~1', '/')], source)
const deref = (value) => (value.$ref === undefined ? value : deref(pointed(value.$ref)))

/** OpenAPI 3.0 says `nullable` where JSON Schema has the type `null`. */
function nullable(schema) {
  const { nullable: may, ...rest } = schema
  if (may !== true) return rest
  if (typeof rest.type === 'string') {
    return { ...rest, type: [rest.type, 'null'], ...(rest.enum === undefined ? {} : { enum: [...new Set([...rest.enum, null])] }) }
  }
  return { anyOf: [rest, { type: 'null' }] }
}

function convert(value, closed) {
  if (Array.isArray(value)) return value.map((item) => convert(item, closed))
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.$ref === 'string') {
    if (closed) return convert(pointed(value.$ref), true)
    const name = value.$ref.split('/').at(-1)
    if (schemas[name] === undefined) {
      schemas[name] = {}
      schemas[name] = convert(pointed(value.$ref), false)
    }
    return { $ref: `github#/schemas/${name}` }
  }
  const out = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'properties') {
      out[key] = Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, convert(schema, closed)]))
    } else if (!NOISE.has(key) && !key.startsWith('x-')) {
      out[key] = key === 'enum' || key === 'default' || key === 'required' ? inner : convert(inner, closed)
    }
  }
  if (closed && out.properties !== undefined && out.additionalProperties === undefined && out.type === 'object') {
    out.additionalProperties = false
  }
  return nullable(out)
}

const operations = []
for (const [path, methods] of Object.entries (source.paths)) {
  for (const [method, operation] of Object.entries (methods)) {
    if (!OPERATIONS.includes(operation.operationId)) continue
    const parameters = (operation.parameters ?? []).map(deref).filter((parameter) => parameter.in === 'query')
    const body = operation.requestBody === undefined ? undefined : deref(operation.requestBody)
    const bodySchema = body?.content?.['application/json']?.schema
    const responses = {}
    for (const [status, response] of Object.entries (operation.responses)) {
      if (!/^[23]/.test(status)) continue
      const schema = deref(response).content?.['application/json']?.schema
      responses[status] = schema === undefined ? null : convert(schema, false)
    }
    operations.push({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      query: Object.fromEntries(parameters.map((parameter) => [parameter.name, convert(parameter.schema, false)])),
      body: bodySchema === undefined ? null : convert(bodySchema, true),
      bodyRequired: body?.required === true,
      responses,
    })
  }
}
const missing = OPERATIONS.filter((id) => !operations.some((operation) => operation.id === id))
if (missing.length > 0) throw new Error(`not in the description: ${missing.join(', ')}`)
const target = new URL('./github.json', import.meta.url)
writeFileSync(target, `${JSON.stringify({ from: '@octokit/openapi 23.0.2 (MIT)', operations, schemas })}\n`)
