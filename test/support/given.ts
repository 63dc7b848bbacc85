import { expect } from 'vitest'
import { renderMessage } from '../../src/adapters/github/commit-message.ts'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { exportEvidence } from '../../src/app/evidence/export.ts'
import { placeInLog } from '../../src/app/evidence/log-place.ts'
import { heldBy } from '../../src/app/evidence/named-blobs.ts'
import { logTree } from '../../src/app/log-tree.ts'
import { sealStatement } from '../../src/app/runner/statements.ts'
import { plus } from '../../src/domain/clock.ts'
import type { Policy } from '../../src/domain/control/policy.ts'
import type { Effect, EffectBody, EffectKind, EffectResult } from '../../src/domain/effects.ts'
import { GRANT_TYPE, Grant } from '../../src/domain/grant.ts'
import { hashOf, Sha256, sha1Hex, sha256Hex } from '../../src/domain/hash.ts'
import { type RunId, runStream } from '../../src/domain/ids.ts'
import { evolveLocks, type LockFacts, type LockState, lockFacts, noLocks } from '../../src/domain/lock.ts'
import { keysOf } from '../../src/domain/lock-keys.ts'
import { readDocument, toQuoting, toSalted } from '../../src/domain/packs/documents.ts'
import type { Person, Words } from '../../src/domain/packs/people.ts'
import { Draft, Plan } from '../../src/domain/packs/plan.ts'
import type { Question, Questions } from '../../src/domain/packs/question-pack.ts'
import { settledAnswers } from '../../src/domain/packs/settled-answers.ts'
import { diffSha256 } from '../../src/domain/patch/raw-diff.ts'
import { EFFECT_RECEIPT_TYPE, type EffectReceipt } from '../../src/domain/receipt.ts'
import { REDACTION_TYPE } from '../../src/domain/redaction.ts'
import {
  effectKey,
  IntendedEffects,
  nameOfIntended,
  type Transition,
  transition,
} from '../../src/domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../../src/domain/run/envelope.ts'
import type { DecisionType, EventData, RunDecision, RunInput } from '../../src/domain/run/events.ts'
import { secretOf } from '../../src/domain/run/secret.ts'
import { absent, currentGrant, type RunState, told } from '../../src/domain/run/state.ts'
import {
  ana,
  BASE_SHA,
  BASE_TREE,
  CHANGED,
  changeOf,
  contentOf,
  controller,
  draft,
  examined,
  factsFor,
  governedWith,
  type JobOutcome,
  jobAccount,
  lee,
  memoryPack,
  newShelf,
  OTHER_RUN,
  RUN,
  runner,
  type Shelf,
} from './builders.ts'

type Open = {
  readonly key: string
  readonly effect: Effect
  readonly event: { readonly seq: number; readonly hash: string }
}

/** What GitHub, planner and people say in this play, where it differs from the usual. */
export type World = {
  /** What is asked, where a scene says nothing else. */
  asking: Asking
  policy: Partial<Policy>
  draft: (usual: Draft) => Draft
  /** New content that the draft brings. */
  contents: readonly Uint8Array[]
  questions: readonly Question[] | null
  /** What was found behind the evidence of the questions. */
  evidence: Questions['evidence']
  observe: Partial<EffectResult<'observe'>>
  /** Where a draft of an earlier base cannot be carried over, so that it is made anew. */
  conflicts: readonly string[]
  results: { [K in EffectKind]?: (effect: EffectBody<K>) => unknown }
}

/** One run being played against the pure core, with everything it writes. */
export type Play = {
  readonly run: RunId
  readonly shelf: Shelf
  readonly world: World
  readonly events: EventEnvelope[]
  readonly transitions: Transition[]
  readonly open: Open[]
  state: RunState
  locks: LockState
  lockSeq: number
  now: string
}

/** Something that happens in a play: one input, or several that follow from each other. */
export type Scene = (play: Play) => void

export const START = '2026-03-01T09:00:00.000Z'

export function newPlay(run: RunId = RUN): Play {
  return {
    run,
    shelf: newShelf(),
    world: {
      asking: {},
      policy: {},
      draft: (usual) => usual,
      contents: [CHANGED],
      questions: null,
      evidence: [],
      observe: {},
      conflicts: [],
      results: {},
    },
    events: [],
    transitions: [],
    open: [],
    state: absent,
    locks: noLocks,
    lockSeq: 0,
    now: START,
  }
}

export function take(play: Play, input: RunInput): Transition {
  const step = transition(play.state, input, play.shelf.documents)
  for (const blob of step.blobs) play.shelf.put(blob)
  const placed = chain(runStream(play.run), play.events.at(-1), step.events)
  play.events.push(...placed)
  play.transitions.push(step)
  play.state = step.state
  const intending = placed.find((event) => event.type === 'EffectsIntended')
  if (intending !== undefined)
    for (const [ordinal, effect] of step.effects.entries())
      play.open.push({
        key: effectKey(play.run, intending.seq, ordinal),
        effect: JSON.parse(JSON.stringify(effect)),
        event: intending,
      })
  for (const decision of step.decisions) mirrorLocks(play, decision)
  return step
}

function mirrorLocks(play: Play, decision: RunDecision): void {
  const event = lockEvent(play, decision)
  if (event === undefined) return
  play.locks = evolveLocks(play.locks, { ...event, at: play.now })
  play.lockSeq += 1
}

function lockEvent(play: Play, decision: RunDecision): { type: string; data: unknown } | undefined {
  const { type, data } = decision
  if (type === 'LocksTaken') return { type, data: { run: play.run, ...data, keys: keysHeld(play) } }
  if (type === 'LocksRenewed' || type === 'LocksReleased') return { type, data: { run: play.run, ...data } }
  if (type !== 'LockAwaited') return undefined
  return { type: 'LocksAwaited', data: { run: play.run, keys: keysHeld(play), place: data.place ?? play.lockSeq + 1 } }
}

function keysHeld(play: Play): readonly string[] {
  return keysOf(told(play.state.request, 'the request'), planOf(play))
}

export function planOf(play: Play): Plan {
  return readDocument(play.shelf.documents, told(play.state.plan, 'the plan').hash, Plan)
}

export function locksSeen(play: Play): LockFacts {
  const keys = play.state.plan === null ? [] : keysHeld(play)
  return lockFacts(play.locks, play.lockSeq, play.run, keys)
}

/** Another run takes locks in the same repository. */
export function lockedBy(run: string, keys: readonly string[], until = '2027-01-01T00:00:00.000Z'): Scene {
  return (play) => {
    play.lockSeq += 1
    play.locks = evolveLocks(play.locks, {
      type: 'LocksTaken',
      data: { run, keys, token: play.lockSeq, until },
      at: play.now,
    })
  }
}

export function freed(run: string): Scene {
  return (play) => {
    play.lockSeq += 1
    play.locks = evolveLocks(play.locks, { type: 'LocksReleased', data: { run, token: 1 }, at: play.now })
  }
}

export function world(change: (world: World) => void): Scene {
  return (play) => change(play.world)
}

export function later(ms: number): Scene {
  return (play) => {
    play.now = plus(play.now, ms)
  }
}

export type Asking = Partial<Omit<EventData<'RequestReceived'>, 'words'>> & { readonly words?: Partial<Words> }

export function requested({ words, ...asking }: Asking = {}): Scene {
  return (play) => {
    const { words: _words, ...usual } = play.world.asking
    const data: EventData<'RequestReceived'> = {
      run: play.run,
      venue: 'github',
      via: { is: 'comment', commentId: '700' },
      instance: 'http://agentos.example',
      repository: { id: '10', ownerId: '11', owner: 'o', name: 'r', defaultBranch: 'main', installation: '12' },
      issue: 12,
      requester: ana,
      words: play.shelf.words({
        login: 'ana',
        text: 'Replace fs.rmdir with fs.rm',
        ...play.world.asking.words,
        ...words,
      }),
      mode: null,
      planner: { is: 'words' },
      base: { ref: 'refs/heads/main', sha: BASE_SHA },
      manifest: play.shelf.document(governedWith(play.world.policy)),
      engine: { version: '0.1.0', digest: sha256Hex('engine') },
      ...usual,
      ...asking,
    }
    take(play, { type: 'RequestReceived', by: `github:${data.requester.id}`, at: play.now, data })
  }
}

type Give = { readonly [K in EffectKind]: (play: Play, body: EffectBody<K>, open: Open) => unknown }

const give: Give = {
  react: () => ({ id: '1' }),
  card: () => ({ commentId: '900' }),
  comment: () => ({ commentId: '901' }),
  check: () => ({ checkRunId: '77' }),
  label: () => ({}),
  'collect-memory': (play, { base }) => ({ tree: BASE_TREE, pack: quoting(play, memoryPack(base)) }),
  draft: giveDraft,
  'ask-model': giveAnswer,
  'open-pull-request': (_play, { branch }) => ({
    number: 13,
    nodeId: 'PR_13',
    head: sha1Hex('first head'),
    draft: true,
    branch,
  }),
  commit: giveCommit,
  'request-review': () => ({ requested: 1 }),
  observe: giveObservation,
  dispatch: ({ shelf }, { grant }) => ({ workflowRunId: '555', envelope: signedGrant(shelf, grant) }),
  'look-at-source': ({ state }) => ({
    head: state.request?.planner.is === 'pull-request' ? state.request.planner.head : null,
    state: 'open',
  }),
  'cancel-job': () => ({}),
  ready: () => ({}),
  close: () => ({ branchDeleted: true }),
  'keep-evidence': () => ({ commit: sha1Hex('evidence') }),
  'mark-rolled-back': () => ({ is: 'marked' }),
  timer: () => ({}),
}

/** A document that may quote people, as the shell keeps it. */
export function quoting({ shelf, state }: Play, value: unknown): Sha256 {
  return shelf.put(toQuoting(value, secretOf(state, shelf.documents)))
}

function giveDraft(play: Play, body: EffectBody<'draft'>): unknown {
  const { shelf, state, world } = play
  if (world.questions !== null && state.answers.length === 0)
    return {
      is: 'questions',
      questions: quoting(play, { v: 1, questions: world.questions, evidence: world.evidence }),
    }
  const { intent, memory, manifest, base } = body
  const answers = settledAnswers(shelf.documents, body.answers).map(({ answer }) => ({ ...answer, steps: ['edit'] }))
  const made = world.draft(
    draft({ intent, memory, manifest, answers }, { base, contents: world.contents.map(contentOf) }),
  )
  for (const bytes of world.contents) shelf.put({ sha256: sha256Hex(bytes), bytes })
  const policy = governedWith(world.policy).policy
  return {
    is: 'draft',
    draft: shelf.document(made),
    facts: quoting(play, factsFor(made, policy)),
    examined: shelf.document(examined(changeOf(made.steps), world.contents)),
    ...(body.carry === undefined || world.conflicts.length === 0 ? {} : { conflicts: world.conflicts }),
  }
}

/** A model's answer, which the next turn of the draft reads. */
function giveAnswer(play: Play): unknown {
  const secret = secretOf(play.state, play.shelf.documents)
  const said = { text: '{}', model: 'scripted-2026', inputTokens: 100, outputTokens: 20 }
  const response = play.shelf.put(toSalted(Buffer.from('the bytes of an answer'), secret))
  return {
    is: 'answered',
    answer: quoting(play, { v: 1, is: 'text', ...said }),
    response,
    sent: toSalted(Buffer.from('the bytes of a request'), secret).sha256,
    inputTokens: 100,
    outputTokens: 20,
  }
}

function giveCommit(play: Play, body: EffectBody<'commit'>, { key, event }: Open): unknown {
  const message = renderMessage(body, { key, event })
  return {
    is: 'committed',
    commit: sha1Hex(message + body.tree),
    tree: body.tree,
    diffSha256: diffSha256(body.edits),
    message: quoting(play, { v: 1, message }),
    verified: true,
  }
}

function giveObservation({ state, world }: Play, { base, reviews }: EffectBody<'observe'>): unknown {
  const approved = state.approvals.map(({ reviewId, userId, commit }) => ({
    reviewId,
    userId,
    commit,
    state: 'approved',
    role: 'maintain',
  }))
  return {
    head: state.proposed?.commit ?? null,
    state: 'open',
    requesterRole: 'write',
    baseRef: 'refs/heads/main',
    baseHead: BASE_SHA,
    changedOnBase: [],
    manifest: told(state.request, 'the request').manifest,
    ...world.observe,
    reviews: reviews.map(
      ({ reviewId, userId }) =>
        (world.observe.reviews ?? approved).find((one) => one.reviewId === reviewId) ?? {
          reviewId,
          userId,
          state: 'absent',
          commit: null,
          role: 'none',
        },
    ),
    ...(world.observe.baseHead === base ? { changedOnBase: [] } : {}),
  }
}

export function signedGrant(shelf: Shelf, grant: string, signer = controller): string {
  const document = readDocument(shelf.documents, grant, Grant)
  return shelf.document(sealStatement(signer, GRANT_TYPE, document.id, document))
}

/** The oldest open effect of this kind (of any but timers, where none is named) is performed or given up. */
export function settled(kind?: EffectKind, failed?: string): Scene {
  return (play) => {
    const index = play.open.findIndex(({ effect }) =>
      kind === undefined ? effect.kind !== 'timer' : effect.kind === kind,
    )
    const [open] = index === -1 ? [] : play.open.splice(index, 1)
    if (open === undefined)
      throw new Error(
        `no ${kind ?? 'effect'} is open; the run is ${play.state.phase}: ${play.state.end?.because ?? ''}`,
      )
    settle(play, open, failed)
  }
}

function settle(play: Play, open: Open, failed?: string): void {
  const { key, effect } = open
  const locks = play.state.plan === null ? null : locksSeen(play)
  const outcome: EventData<'EffectSettled'>['outcome'] =
    failed === undefined ? performed(play, open) : { is: 'failed', because: failed }
  take(play, {
    type: 'EffectSettled',
    by: 'agentos',
    at: play.now,
    data: { key, effect: effect.kind, attempts: 1, outcome, locks },
  })
}

function performed(play: Play, open: Open): EventData<'EffectSettled'>['outcome'] {
  const { key, effect } = open
  const given = resultOf(play, open)
  const receipt: EffectReceipt = {
    v: 1,
    key,
    effect: effect.kind,
    capability: effect.kind === 'ask-model' ? effect.body.capability : `controller:${effect.kind}`,
    intended: nameOfOpen(play, open),
    result: hashOf(given),
    attempts: 1,
    at: play.now,
  }
  return {
    is: 'performed',
    result: given,
    receipt: play.shelf.document(sealStatement(controller, EFFECT_RECEIPT_TYPE, `effect/${key}`, receipt)),
  }
}

function nameOfOpen({ shelf, events }: Play, { effect, event }: Open): Sha256 {
  const kept = Sha256.parse(events[event.seq - 1]?.data['effects'])
  return nameOfIntended(readDocument(shelf.documents, kept, IntendedEffects), { kind: effect.kind, body: effect.body })
}

function resultOf(play: Play, open: Open) {
  return JSON.parse(JSON.stringify(resultFor(play, open.effect, open)))
}

function resultFor<K extends EffectKind>(
  play: Play,
  { kind, body }: { readonly kind: K; readonly body: EffectBody<K> },
  open: Open,
): unknown {
  const special = play.world.results[kind]
  const said = special?.(body)
  return said === undefined ? give[kind](play, body, open) : said
}

/** Every open effect is performed, in order, and those that follow, until the run waits for people, a job or a time. */
export const allSettled: Scene = (play) => {
  for (let count = 0; play.open.some(({ effect }) => effect.kind !== 'timer'); count += 1) {
    if (count > 200) throw new Error('the run never comes to rest')
    settled()(play)
  }
}

/** Performs effects until one of this kind is next. */
export function until(kind: EffectKind): Scene {
  return (play) => {
    while (play.open.some(({ effect }) => effect.kind !== 'timer')) {
      if (play.open.find(({ effect }) => effect.kind !== 'timer')?.effect.kind === kind) return
      settled()(play)
    }
    throw new Error(`${kind} never came; the run is ${play.state.phase}: ${play.state.end?.because ?? ''}`)
  }
}

export const JOB: EventData<'GrantClaimed'>['job'] = {
  issuer: 'https://issuer.example',
  repositoryId: '10',
  repositoryOwnerId: '11',
  workflowRef: 'o/agentos/.github/workflows/agentos.yml@v1',
  workflowSha: sha1Hex('release'),
  runId: '555',
  runAttempt: '1',
  actorId: '99',
  ref: 'refs/heads/main',
  sha: BASE_SHA,
}

export function claimed(changes: Partial<EventData<'GrantClaimed'>> = {}): Scene {
  return (play) => {
    const { id, document } = told(currentGrant(play.state), 'a Grant')
    const job = play.state.request?.venue === 'local' ? null : JOB
    const data = {
      grant: id,
      runnerKey: runner.publicKey,
      job,
      envelope: signedGrant(play.shelf, document),
      fault: null,
      ...changes,
    }
    take(play, { type: 'GrantClaimed', by: `runner:${runner.keyid.slice(0, 32)}`, at: play.now, data })
  }
}

export type Handing = JobOutcome & { readonly input?: Partial<EventData<'RunnerDelivered'>>; readonly grant?: string }

export function handedOver({ input = {}, grant: id, ...outcome }: Handing = {}): Scene {
  return (play) => {
    const issued = told(
      play.state.grants.find((one) => (id === undefined ? one === currentGrant(play.state) : one.id === id)) ?? null,
      'the Grant',
    )
    const grant = readDocument(play.shelf.documents, issued.document, Grant)
    const { steps } =
      grant.subject.is === 'plan'
        ? readDocument(play.shelf.documents, grant.subject.hash, Plan)
        : readDocument(play.shelf.documents, grant.subject.hash, Draft)
    const account = jobAccount(play.shelf, grant, steps, outcome)
    const isFound = grant.purpose === 'dry-run' && outcome.failing === undefined
    const contents = [...play.world.contents, ...(outcome.frozen ?? []).flatMap((one) => one.contents)]
    const data: EventData<'RunnerDelivered'> = {
      grant: grant.id,
      runnerKey: runner.publicKey,
      ...account,
      fault: null,
      examined: isFound ? play.shelf.document(examined(changeOf(steps, outcome), contents)) : null,
      locks: locksSeen(play),
      ...input,
    }
    take(play, { type: 'RunnerDelivered', by: `runner:${runner.keyid.slice(0, 32)}`, at: play.now, data })
  }
}

export type Reviewing = Partial<Omit<EventData<'ReviewSeen'>, 'words'>> & {
  readonly login?: string
  readonly text?: string
}

export function reviewed({ login = 'lee', text = '', ...review }: Reviewing = {}): Scene {
  return (play) => {
    const author = review.author ?? lee
    const data: EventData<'ReviewSeen'> = {
      reviewId: `8${author.id}`,
      author,
      state: 'approved',
      commit: play.state.proposed?.commit ?? null,
      words: play.shelf.words({ login, text }),
      locks: locksSeen(play),
      ...review,
    }
    take(play, { type: 'ReviewSeen', by: `github:${author.id}`, at: play.now, data })
  }
}

export function answered(params: Words['params'], changes: Partial<EventData<'AnswerGiven'>> = {}): Scene {
  return (play) => {
    const author = changes.author ?? lee
    const words = play.shelf.words({ login: 'lee', params })
    take(play, {
      type: 'AnswerGiven',
      by: `github:${author.id}`,
      at: play.now,
      data: { commentId: '701', author, words, paths: [], owns: [], switched: 'on', ...changes },
    })
  }
}

export type Amending = Partial<Omit<EventData<'AmendAsked'>, 'words'>> & {
  readonly text?: string
  readonly params?: Words['params']
}

export function amended({ text = 'And fs.rmdirSync too', params = {}, ...changes }: Amending = {}): Scene {
  return (play) => {
    const author = changes.author ?? ana
    const words = play.shelf.words({ login: 'ana', text, params })
    const data = { commentId: '704', author, words, review: null, switched: 'on' as const, ...changes }
    take(play, { type: 'AmendAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

/** A review as it was read for an amendment: requests changes on the plan as it is proposed. */
export function reviewRead(
  play: Play,
  changes: Partial<Extract<EventData<'AmendAsked'>['review'], { is: 'found' }>> = {},
): EventData<'AmendAsked'>['review'] {
  const words = play.shelf.words({ login: 'lee', text: '`src/index.js` line 1: do not log it' })
  const commit = play.state.proposed?.commit ?? null
  return { is: 'found', id: '82', author: lee, state: 'changes_requested', commit, words, comments: 1, ...changes }
}

export function stopAsked(author: Person = ana): Scene {
  return (play) => {
    const data = { commentId: '702', author, words: play.shelf.words({}), locks: locksSeen(play) }
    take(play, { type: 'StopAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

export type Unlocking = Partial<Omit<EventData<'UnlockAsked'>, 'words'>> & { readonly text?: string }

export function unlockAsked({ text = 'its runner hangs', ...changes }: Unlocking = {}): Scene {
  return (play) => {
    const author = changes.author ?? lee
    const words = play.shelf.words({ login: 'lee', text })
    const data = { commentId: '705', author, words, switched: 'on' as const, locks: locksSeen(play), ...changes }
    take(play, { type: 'UnlockAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

/** The journal tells this run that another gave its locks back. */
export function toldOfFreedom(unlocked?: string): Scene {
  return (play) => {
    const words = unlocked === undefined ? undefined : play.shelf.words({ login: 'lee', text: unlocked })
    const freed = { run: OTHER_RUN, ...(words === undefined ? {} : { unlocked: { by: '2', words } }) }
    take(play, { type: 'LockFreed', by: 'agentos', at: play.now, data: { freed, locks: locksSeen(play) } })
  }
}

/** Another run stands in the same line. */
export function inLine(run: string, keys: readonly string[]): Scene {
  return (play) => {
    play.lockSeq += 1
    const data = { run, keys, place: play.lockSeq, number: 44 }
    play.locks = evolveLocks(play.locks, { type: 'LocksAwaited', data, at: play.now })
  }
}

export function statusAsked(author: Person = ana): Scene {
  return (play) =>
    take(play, {
      type: 'StatusAsked',
      by: `github:${author.id}`,
      at: play.now,
      data: { commentId: '703', number: 13, author },
    })
}

export function proofAsked(author: Person = ana): Scene {
  return (play) => {
    const { seq, hash } = told(play.events.at(-1) ?? null, 'an event')
    const data = { commentId: '706', number: 13, author, position: { seq, hash } }
    take(play, { type: 'ProofAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

export function reasonAsked(step: string | null = null, author: Person = ana): Scene {
  return (play) => {
    const data = { commentId: '707', number: 13, author, step }
    take(play, { type: 'ReasonAsked', by: `github:${author.id}`, at: play.now, data })
  }
}

export function pushed(head: string | null = sha1Hex('a foreign commit')): Scene {
  return (play) =>
    take(play, {
      type: 'HeadMoved',
      by: 'github:66',
      at: play.now,
      data: { head, sender: '66', locks: locksSeen(play) },
    })
}

export function ended(merge: EventData<'PullRequestEnded'>['merge'] = null): Scene {
  return (play) =>
    take(play, {
      type: 'PullRequestEnded',
      by: 'github:2',
      at: play.now,
      data: { sender: '2', merge, locks: locksSeen(play) },
    })
}

/** People squash the pull request: one new commit with the delivery's message and change. */
export const merged: Scene = (play) => {
  const delivered = told(play.state.delivered, 'the delivery')
  ended({ commit: sha1Hex('squashed'), message: deliveredMessage(play), diffSha256: delivered.diffSha256 })(play)
}

/** The blob of the delivery's own message. */
export function deliveredMessage(play: Play): Sha256 {
  const message = play.events.findLast((event) => event.type === 'EffectSettled' && event.data['effect'] === 'commit')
    ?.data['outcome']
  const named = typeof message === 'object' && message !== null && !Array.isArray(message) ? message['result'] : null
  return Sha256.parse(typeof named === 'object' && named !== null && !Array.isArray(named) ? named['message'] : null)
}

export function tampered(what: 'edited' | 'deleted' = 'edited'): Scene {
  return (play) =>
    take(play, {
      type: 'CommentTampered',
      by: 'github:66',
      at: play.now,
      data: { commentId: '901', what, sender: '66' },
    })
}

/** Every text of the run is erased, and what a model was told and said, as `ledger redact --run` does it. */
export const erased: Scene = (play) => {
  const held = [...new Map(play.events.flatMap((event) => [...heldBy(event)]))]
  const blobs = held
    .flatMap(([sha256, holds]) => (holds === 'text' || holds === 'model' ? [{ sha256, holds }] : []))
    .filter(({ sha256 }) => play.shelf.documents(sha256) !== undefined)
    .map(({ sha256, holds }) => ({ sha256, bytes: play.shelf.documents(sha256)?.length ?? 0, holds }))
  const told = { blobs, why: { is: 'retention' as const, days: 30 } }
  const stated = { v: 1, stream: runStream(RUN), ...told, by: 'retention', at: play.now }
  const receipt = play.shelf.document(sealStatement(controller, REDACTION_TYPE, runStream(RUN), stated))
  take(play, { type: 'BlobRedacted', by: 'retention', at: play.now, data: { ...told, receipt } })
  for (const { sha256 } of blobs) play.shelf.blobs.delete(sha256)
}

/** The newest timer of this name fires, at its time. */
export function fired(name: EffectBody<'timer'>['name']): Scene {
  return (play) => {
    const index = play.open.findLastIndex(({ effect }) => effect.kind === 'timer' && effect.body.name === name)
    const [open] = index === -1 ? [] : play.open.splice(index, 1)
    if (open?.effect.kind !== 'timer') throw new Error(`no timer ${name} is set`)
    const { about, at } = open.effect.body
    play.now = at > play.now ? at : play.now
    take(play, {
      type: 'TimerFired',
      by: 'agentos',
      at: play.now,
      data: { key: open.key, name, about, locks: locksSeen(play) },
    })
  }
}

export const inOrder =
  (...scenes: readonly Scene[]): Scene =>
  (play) => {
    for (const scene of scenes) scene(play)
  }

/** The golden story, cut where a test wants to go on by itself. */
export const story = {
  asked: inOrder(requested(), allSettled),
  dryRun: inOrder(requested(), allSettled, claimed()),
  proposed: inOrder(requested(), allSettled, claimed(), handedOver(), allSettled),
  approved: inOrder(requested(), allSettled, claimed(), handedOver(), allSettled, reviewed()),
  executing: inOrder(requested(), allSettled, claimed(), handedOver(), allSettled, reviewed(), allSettled, claimed()),
  delivering: inOrder(
    requested(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    reviewed(),
    allSettled,
    claimed(),
    handedOver(),
  ),
  delivered: inOrder(
    requested(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    reviewed(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
  ),
  merged: inOrder(
    requested(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    reviewed(),
    allSettled,
    claimed(),
    handedOver(),
    allSettled,
    merged,
    allSettled,
  ),
}

/** What one scene led to. */
export type Outcome = {
  readonly play: Play
  readonly types: readonly DecisionType[]
  readonly effects: readonly Effect[]
  decides(...types: readonly DecisionType[]): Outcome
  intends(...kinds: readonly EffectKind[]): Outcome
  never(...kinds: readonly EffectKind[]): Outcome
  data<T extends DecisionType>(type: T): EventData<T>
  ends(phase: RunState['phase'], because?: RegExp): Outcome
}

export function given(...scenes: readonly Scene[]): { when(...scenes: readonly Scene[]): Outcome } {
  const play = newPlay()
  inOrder(...scenes)(play)
  return {
    when(...then) {
      const from = play.transitions.length
      inOrder(...then)(play)
      return outcomeOf(play, play.transitions.slice(from))
    },
  }
}

function outcomeOf(play: Play, transitions: readonly Transition[]): Outcome {
  const decisions = transitions.flatMap((step) => step.decisions)
  const effects = transitions.flatMap((step) => step.effects)
  const types = decisions.map((decision) => decision.type)
  const kinds = effects.map((effect) => effect.kind)
  const outcome: Outcome = {
    play,
    types,
    effects,
    decides: (...wanted) => (expect(types).toEqual(expect.arrayContaining([...wanted])), outcome),
    intends: (...wanted) => (expect(kinds).toEqual(expect.arrayContaining([...wanted])), outcome),
    never: (...unwanted) => (
      expect(
        kinds.filter((kind) => unwanted.includes(kind)),
        'forbidden effects',
      ).toEqual([]),
      outcome
    ),
    data: (type) => dataOf(decisions, type),
    ends(phase, because) {
      expect(play.state.phase).toBe(phase)
      if (because !== undefined) expect(play.state.end?.because).toMatch(because)
      return outcome
    },
  }
  return outcome
}

function dataOf<T extends DecisionType>(decisions: readonly RunDecision[], type: T): EventData<T>
function dataOf(decisions: readonly RunDecision[], type: DecisionType): unknown {
  const found = decisions.find((decision) => decision.type === type)
  if (found === undefined) throw new Error(`there is no ${type} among ${decisions.map((one) => one.type).join(', ')}`)
  return found.data
}

/** The play as the ledger keeps it. */
export async function ledgerOf(play: Play) {
  const { ledger } = memoryLedger()
  const blobs = [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes }))
  const outcome = await ledger.append({
    expect: [{ stream: runStream(play.run), seq: 0 }],
    events: play.events,
    effects: [],
    blobs,
  })
  expect(outcome.is).toBe('appended')
  return ledger
}

export async function evidenceOf(play: Play): Promise<string> {
  const ledger = await ledgerOf(play)
  const place = placeInLog({ log: logTree(ledger).now, signer: controller, clock: { now: () => play.now } })
  const text = await exportEvidence({ ledger, signer: controller, place }, play.run)
  if (text === undefined) throw new Error('there is no evidence')
  return text
}
