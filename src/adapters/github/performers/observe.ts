import type { GithubDesk, Performer } from '../../../app/ports.ts'
import { matchesAny } from '../../../domain/control/glob.ts'
import type { EffectBody, EffectResult, RepositoryRef } from '../../../domain/effects.ts'
import { ObjectId, type Sha256 } from '../../../domain/hash.ts'
import { cutText } from '../../../domain/packs/cut-text.ts'
import { type Documents, readWords } from '../../../domain/packs/documents.ts'
import { type HeldRole, Words } from '../../../domain/packs/people.ts'
import { changesBetween } from '../../../domain/patch/changes-between.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked } from '../failures.ts'
import { toAuthor } from '../pull-request.ts'
import { branchName, headOf, knownHeadOf } from '../refs.ts'
import { standingOf } from '../standing.ts'

/** Enough to say why: one is reason enough, and an event holds no long list. */
const MOST_PATHS = 5
const MOST_OF_PATH = 300

/** The hash of the control plane as a commit of the default branch holds it. */
export type CurrentManifest = (repository: RepositoryRef, commit: ObjectId) => Promise<Sha256>

type ObservedReview = EffectResult<'observe'>['reviews'][number]
type NamedReview = EffectBody<'observe'>['reviews'][number]

export type ObserveParts = {
  readonly access: GithubAccess
  readonly desk: GithubDesk
  readonly currentManifest: CurrentManifest
}

/** Everything that a decision rests on is asked again at the moment of use; nothing is remembered from before. */
export function observePerformer({ access, desk, currentManifest }: ObserveParts): Performer<'observe'> {
  return async ({ repository, body, documents }) => {
    const open = await access.open(repository)
    const pull = await pullAt(open, body.number)
    const reviews = await reviewsOf(open, body.number)
    const baseHead = await knownHeadOf(open, pull.branch === branchName(body.branch) ? pull.base : body.branch)
    const named: ObservedReview[] = []
    for (const review of body.reviews) {
      named.push({ ...standOf(review, reviews), role: await liveRole(open, documents, review) })
    }
    const objections = await objectionsTo(open, body.reviews, reviews)
    const reader = desk.reader(repository)
    const changed =
      baseHead === body.base ? [] : changesBetween(await reader.entries(body.base), await reader.entries(baseHead))
    const result = {
      head: (await headOf(open, pull.branch)) ?? null,
      state: pull.state,
      reviews: named,
      ...(objections.length === 0 ? {} : { objections }),
      requesterRole: await liveRole(open, documents, body.requester),
      baseRef: `refs/heads/${pull.base}`,
      baseHead,
      changedOnBase: changed
        .map(({ path }) => path)
        .filter((path) => isAmong(body.paths, path) || matchesAny(body.globs ?? [], path))
        .slice(0, MOST_PATHS)
        .map((path) => cutText(path, MOST_OF_PATH)),
      manifest: await currentManifest(repository, baseHead),
    }
    return { result, blobs: [] }
  }
}

type PullNow = { readonly branch: string; readonly base: string; readonly state: 'open' | 'closed' }

async function pullAt({ octokit, at }: OpenRepository, number: number): Promise<PullNow> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
  const { data } = await asked(`Reading #${number}`, () => octokit.request(route, { ...at, pull_number: number }))
  return { branch: data.head.ref, base: data.base.ref, state: data.state === 'open' ? 'open' : 'closed' }
}

type ReviewState = ObservedReview['state']
type ReviewNow = {
  readonly id: string
  readonly author: ReturnType<typeof toAuthor>
  readonly state: ReviewState | undefined
  readonly commit: ObjectId | null
}

const STATES: ReadonlyMap<string, ReviewState> = new Map([
  ['APPROVED', 'approved'],
  ['CHANGES_REQUESTED', 'changes_requested'],
  ['COMMENTED', 'commented'],
  ['DISMISSED', 'dismissed'],
])

/** In the order in which they were given, as GitHub lists them. */
async function reviewsOf({ octokit, at }: OpenRepository, number: number): Promise<readonly ReviewNow[]> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews'
  const found = await asked(`Reading the reviews of #${number}`, () =>
    octokit.paginate(route, { ...at, pull_number: number, per_page: 100 }),
  )
  return found.map((review) => ({
    id: String(review.id),
    author: toAuthor(review.user),
    state: STATES.get(review.state.toUpperCase()),
    commit: ObjectId.nullable().parse(review.commit_id),
  }))
}

/** An approval stands while nothing that its giver said later takes it back; a later comment takes nothing back. */
function standOf({ reviewId, userId }: NamedReview, all: readonly ReviewNow[]): Omit<ObservedReview, 'role'> {
  const index = all.findIndex((review) => review.id === reviewId && review.author?.id === userId)
  const named = all[index]
  if (named?.state === undefined) return { reviewId, userId, state: 'absent', commit: null }
  const later = all.slice(index + 1).filter((review) => review.author?.id === userId && review.state !== 'commented')
  const last = later.at(-1)
  const state = named.state === 'approved' && last !== undefined ? (last.state ?? 'absent') : named.state
  return { reviewId, userId, state, commit: named.commit }
}

type Objection = NonNullable<EffectResult<'observe'>['objections']>[number]

/** Far more people than review one change. */
const MOST_OBJECTIONS = 20

/** Who else requests changes since the oldest of the named reviews, and has not taken it back. */
async function objectionsTo(
  open: OpenRepository,
  named: readonly NamedReview[],
  all: readonly ReviewNow[],
): Promise<Objection[]> {
  const first = all.findIndex(({ id }) => named.some(({ reviewId }) => reviewId === id))
  const opinions = all.filter(({ state }) => state !== 'commented')
  const standing = all
    .slice(Math.max(first, 0))
    .filter(
      (review) =>
        review.state === 'changes_requested' &&
        !named.some(({ userId }) => userId === review.author?.id) &&
        opinions.findLast(({ author }) => author?.id === review.author?.id) === review,
    )
  const found: Objection[] = []
  for (const { id, author } of standing.slice(0, MOST_OBJECTIONS)) {
    if (author === null) continue
    const held = await standingOf(open, author.login)
    const role = held.userId === author.id ? held.role : 'none'
    found.push({ reviewId: id, by: { id: author.id, kind: author.kind, role } })
  }
  return found
}

type Recorded = { readonly userId: string; readonly words: Sha256 }

/** A login may have passed to somebody else since: then it holds nothing. */
async function liveRole(open: OpenRepository, documents: Documents, { userId, words }: Recorded): Promise<HeldRole> {
  const standing = await standingOf(open, readWords(documents, words, Words).login)
  return standing.userId === userId ? standing.role : 'none'
}

/** A path that ends in a slash stands for all below it. */
function isAmong(paths: readonly string[], path: string): boolean {
  return paths.some((one) => one === path || (one.endsWith('/') && path.startsWith(one)))
}
