import { z } from 'zod'
import { CONTENTS_READ, CONTENTS_WRITE, need, PULLS_WRITE } from './access.ts'
import { resolveCommit } from './commits.ts'
import { announcePull } from './events.ts'
import { isRecord, jsonOf, type Received, Refused, type Reply, type Repository, type SignedIn } from './exchange.ts'
import { demandIssue } from './find-pull.ts'
import { GitFailure, isOid, ZERO_OID } from './git.ts'
import { type Field, readOperation } from './graphql-query.ts'
import { isForward, type RefMove, readRef, refMoved, refuseWorkflowChange } from './refs.ts'
import { canSee, findRepository, nodeId, type Pull, type World } from './world.ts'

type Asked = { readonly world: World; readonly received: Received; readonly actor: SignedIn; readonly field: Field }
type Resolver = (asked: Asked) => Promise<Readonly<Record<string, unknown>>>

/** A refusal inside a GraphQL answer, which itself has status 200. */
class Denied extends Error {
  override readonly name = 'Denied'
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

const RESOLVERS: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ['query viewer', ({ actor }: Asked) => Promise.resolve({ login: actor.user.login, id: actor.user.node_id })],
  ['query repository', queryRepository],
  ['mutation markPullRequestReadyForReview', (asked: Asked) => setDraft(asked, false)],
  ['mutation convertPullRequestToDraft', (asked: Asked) => setDraft(asked, true)],
  ['mutation updateRefs', updateRefs],
])

export async function answerGraphql(world: World, received: Received, actor: SignedIn): Promise<Reply> {
  const body = jsonOf(received.bytes)
  const query = isRecord(body) ? body['query'] : undefined
  if (!isRecord(body) || typeof query !== 'string')
    throw new Refused(400, 'A query attribute must be specified and must be a string.')
  const { kind, fields } = readOperation(query, isRecord(body['variables']) ? body['variables'] : {})
  const answers: [string, unknown][] = []
  const errors: unknown[] = []
  for (const field of fields) {
    try {
      const resolve = RESOLVERS.get(`${kind} ${field.name}`)
      if (resolve === undefined)
        throw new Denied('undefinedField', `Field '${field.name}' doesn't exist on type '${kind}'`)
      answers.push([field.alias, project(await resolve({ world, received, actor, field }), field)])
    } catch (error) {
      answers.push([field.alias, null])
      errors.push(toError(error, field))
    }
  }
  return { status: 200, json: { data: Object.fromEntries(answers), ...(errors.length === 0 ? {} : { errors }) } }
}

function toError(error: unknown, field: Field): unknown {
  if (error instanceof Denied) return { type: error.type, path: [field.alias], message: error.message }
  if (!(error instanceof Refused)) throw error
  const type = error.status === 404 ? 'NOT_FOUND' : error.status === 403 ? 'FORBIDDEN' : 'UNPROCESSABLE'
  return { type, path: [field.alias], message: error.message }
}

/** Only what was asked for goes out; asking for what is not there is an error. */
function project(value: unknown, field: Field): unknown {
  if (field.fields.length === 0 || value === null) return value
  if (Array.isArray(value)) return value.map((item) => project(item, field))
  if (!isRecord(value)) throw new Denied('selectionMismatch', `Selections can't be made on scalars: ${field.name}`)
  return Object.fromEntries(
    field.fields.map((inner) => {
      const member = memberOf(inner)
      if (!(member in value)) throw new Denied('undefinedField', `Field '${inner.name}' doesn't exist on ${field.name}`)
      return [inner.alias, project(value[member], inner)]
    }),
  )
}

/** A field that is asked for by an argument is another one for each. */
function memberOf({ name, args }: Field): string {
  return name === 'object' ? `object ${String(args['oid'])}` : name
}

async function queryRepository({ world, received, actor, field }: Asked) {
  const { owner, name } = field.args
  const repo = findRepository(world, String(owner), String(name))
  if (repo === undefined || !canSee(world, actor, repo.row)) {
    throw new Denied('NOT_FOUND', `Could not resolve to a Repository with the name '${String(owner)}/${String(name)}'.`)
  }
  const oid = await readRef(repo, `refs/heads/${repo.row.default_branch}`)
  return {
    id: repo.row.node_id,
    databaseId: repo.row.id,
    name: repo.row.name,
    nameWithOwner: repo.row.full_name,
    isPrivate: repo.row.private,
    defaultBranchRef: { name: repo.row.default_branch, target: { oid } },
    ...(await objectsIn(repo, field, () => need(world, { ...received, actor, repo, params: {} }, CONTENTS_READ))),
  }
}

/** Blobs by their ids, as GitHub tells them: text only where it is text, and null for an object that is not there. */
async function objectsIn(
  repo: Repository,
  field: Field,
  demand: () => void,
): Promise<Readonly<Record<string, unknown>>> {
  const wanted = field.fields.filter(({ name }) => name === 'object')
  if (wanted.length > 0) demand()
  const found: [string, unknown][] = []
  for (const one of wanted) found.push([memberOf(one), await blobFields(repo, String(one.args['oid']))])
  return Object.fromEntries(found)
}

async function blobFields(repo: Repository, oid: string) {
  if (!isOid(oid) || !(await repo.git.succeeds(['cat-file', '-e', `${oid}^{blob}`]))) return null
  const bytes = await repo.git.bytes(['cat-file', 'blob', oid])
  const isBinary = bytes.subarray(0, 8000).includes(0)
  const text = isBinary ? null : bytes.toString('utf8')
  return { __typename: 'Blob', oid, byteSize: bytes.length, isBinary, isTruncated: false, text }
}

async function setDraft({ world, received, actor, field }: Asked, draft: boolean) {
  const input = isRecord(field.args['input']) ? field.args['input'] : {}
  const { pull, repo } = demandNode(world, actor, String(input['pullRequestId']))
  need(world, { ...received, actor, repo, params: {} }, PULLS_WRITE)
  if (draft && repo.row.private && world.privatePlan === 'free') {
    throw new Denied('UNPROCESSABLE', 'Draft pull requests are not supported in this repository.')
  }
  if (pull.draft !== draft) {
    pull.draft = draft
    announcePull(world, { repo, pull, sender: actor.user }, draft ? 'converted_to_draft' : 'ready_for_review')
  }
  return { clientMutationId: input['clientMutationId'] ?? null, pullRequest: pullFields(world, repo, pull) }
}

function demandNode(world: World, actor: SignedIn, id: string): { pull: Pull; repo: Repository } {
  const pull = [...world.pulls.values()].find((candidate) => nodeId('PullRequest', candidate.id) === id)
  const repo = pull === undefined ? undefined : world.repositories.get(pull.repoId)
  if (pull !== undefined && repo !== undefined && canSee(world, actor, repo.row)) return { pull, repo }
  throw new Denied('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
}

const pullFields = (world: World, repo: Repository, pull: Pull) => ({
  id: nodeId('PullRequest', pull.id),
  databaseId: pull.id,
  number: pull.number,
  isDraft: pull.draft,
  headRefOid: pull.headSha,
  headRefName: pull.headRef,
  state: demandIssue(world, repo, pull).state.toUpperCase(),
  url: `${world.url}/${repo.row.full_name}/pull/${pull.number}`,
})

const UpdateRefs = z.object({
  repositoryId: z.string(),
  clientMutationId: z.string().nullish(),
  refUpdates: z
    .array(
      z.object({
        name: z.string().regex(/^refs\/(heads|tags)\/./),
        afterOid: z.string().refine(isOid),
        beforeOid: z.string().refine(isOid).nullish(),
        force: z.boolean().nullish(),
      }),
    )
    .min(1),
})
type RefUpdate = z.infer<typeof UpdateRefs>['refUpdates'][number]

/** Moves all of the refs or none; `beforeOid` is what a ref must still be, forty zeros meaning absent. */
async function updateRefs({ world, received, actor, field }: Asked) {
  const parsed = UpdateRefs.safeParse(field.args['input'])
  if (!parsed.success)
    throw new Denied('argumentLiteralsIncompatible', parsed.error.issues[0]?.message ?? 'invalid input')
  const repo = [...world.repositories.values()].find(({ row }) => row.node_id === parsed.data.repositoryId)
  if (repo === undefined || !canSee(world, actor, repo.row)) {
    throw new Denied('NOT_FOUND', `Could not resolve to a node with the global id of '${parsed.data.repositoryId}'`)
  }
  need(world, { ...received, actor, repo, params: {} }, CONTENTS_WRITE)
  const moves: RefMove[] = []
  for (const update of parsed.data.refUpdates) moves.push(await judge(repo, actor, update))
  await moveAll(repo, moves)
  for (const move of moves) if (move.before !== move.after) await refMoved(world, repo, actor.user, move)
  return { clientMutationId: parsed.data.clientMutationId ?? null }
}

async function moveAll(repo: Repository, moves: readonly RefMove[]): Promise<void> {
  try {
    const lines = moves.map(({ ref, before, after }) => `update ${ref} ${after} ${before}\n`)
    await repo.git.bytes(['update-ref', '--stdin'], { input: lines.join('') })
  } catch (error) {
    if (error instanceof GitFailure)
      throw new Denied('UNPROCESSABLE', 'A ref was updated by someone else in the meantime.')
    throw error
  }
}

async function judge(repo: Repository, actor: SignedIn, update: RefUpdate): Promise<RefMove> {
  const before = (await readRef(repo, update.name)) ?? ZERO_OID
  const expected = update.beforeOid ?? before
  if (before !== expected) {
    throw new Denied('UNPROCESSABLE', `Expected ${update.name} to be at ${expected} but it is at ${before}.`)
  }
  const after = update.afterOid
  if (after !== ZERO_OID && (await resolveCommit(repo.git, after)) === undefined) {
    throw new Denied('UNPROCESSABLE', `Object ${after} does not exist.`)
  }
  const moved = before !== ZERO_OID && after !== ZERO_OID
  const forced = moved && !(await isForward(repo, before, after))
  if (forced && update.force !== true) {
    throw new Denied('UNPROCESSABLE', `${update.name} cannot be updated: not a fast-forward.`)
  }
  const move = { ref: update.name, before, after, forced }
  await refuseWorkflowChange(repo, actor, move)
  return move
}
