import { renderMessage } from '../../../src/adapters/github/commit-message.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { renderDiff } from '../../../src/adapters/rendering/diff-text.ts'
import { journal } from '../../../src/app/journal.ts'
import type { ListedEffect } from '../../../src/app/ledger.ts'
import { queries } from '../../../src/app/queries.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { governed } from '../../../src/domain/control/governed.ts'
import { manifestHash } from '../../../src/domain/control/manifest.ts'
import { type EffectKind, type EffectResult, effectKinds } from '../../../src/domain/effects.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { keysOf, pathLock } from '../../../src/domain/lock-keys.ts'
import { type NewBlob, readDocument, toDocument, toWords } from '../../../src/domain/packs/documents.ts'
import type { Step } from '../../../src/domain/packs/plan.ts'
import { Plan } from '../../../src/domain/packs/plan.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import { EFFECT_RECEIPT_TYPE } from '../../../src/domain/receipt.ts'
import type { RunInput } from '../../../src/domain/run/events.ts'
import { currentGrant, told } from '../../../src/domain/run/state.ts'
import { loaded } from '../../domain/control/shipped.ts'
import {
  AT,
  BASE,
  BASE_TREE,
  deliveryOf,
  draftOf,
  examinedOf,
  factsOf,
  jobClaims,
  memoryPack,
  signed,
  stepReceipt,
  TREE,
} from './told-blobs.ts'

export const PLAN_COMMIT = 'c'.repeat(40)
export const DELIVERY_COMMIT = 'd'.repeat(40)

export type Told = {
  readonly run?: string
  readonly title?: string
  readonly login?: string
  readonly place?: { readonly id: string; readonly installation: string }
  readonly files?: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[]
}

export type Store = ReturnType<typeof aStore>

/** A ledger in memory with everything that reads it. */
export function aStore() {
  const { ledger, queue, inbox } = memoryLedger()
  const runs = journal({ ledger, queue })
  return { ledger, queue, inbox, journal: runs, queries: queries({ ledger, queue, journal: runs }) }
}

const FILES = [{ path: 'src/hello.ts', before: 'export const hello = 1\n', after: 'export const hello = 2\n' }]

/** Tells a run to a ledger as the outside would: every input through the journal, every gate asked for real. */
export function tellRun(
  store: Store,
  {
    run = '0123456789',
    title = 'Greet twice',
    login = 'ana',
    files = FILES,
    place = { id: '42', installation: '9' },
  }: Told = {},
) {
  const manifest = loaded()
  const manifestDocument = toDocument(governed(manifest))
  const repository = { ...place, ownerId: '7', owner: 'acme', name: 'site', defaultBranch: 'main' }
  const words = (by: string, text = '') =>
    toWords(
      { login: by, title, body: 'Please.', text, params: {} },
      new Uint8Array(32).fill(place.installation.charCodeAt(0)),
    )
  const requested = words(login)
  const edits = files.map(({ path, before, after }): Edit => ({ path, before: stateOf(before), after: stateOf(after) }))
  const bytes = new Map(
    files
      .flatMap(({ before, after }) => [before, after])
      .flatMap((text) => (text === null ? [] : [[blobId(Buffer.from(text)), Buffer.from(text)] as const])),
  )
  const steps: readonly Step[] = [
    { id: 'change', is: 'edit', edits: [...edits] },
    { id: 'test', is: 'verify', argv: ['npm', 'run', 'test'], criteria: [] },
  ]

  const record = (input: RunInput, blobs: readonly NewBlob[], settles?: string) =>
    store.journal.record({
      run,
      repository: repository.id,
      make: () => ({ input, blobs }),
      ...(settles === undefined ? {} : { settles }),
    })
  const load = () => store.journal.load(run)
  const locks = async () => {
    const log = await store.ledger.read(`locks/${repository.id}`)
    const { state } = await load()
    const held =
      state.locks === null
        ? []
        : keysOf(told(state.request, 'the request'), { locks: edits.map(({ path }) => pathLock(path)) }).map((key) => ({
            key,
            run,
            token: state.locks?.token ?? 0,
            until: state.locks?.until ?? AT,
          }))
    return { seq: log.length, held }
  }
  const open = async (kind: EffectKind): Promise<ListedEffect> => {
    const listed = await store.queue.list(runStream(run))
    const found = listed.find((effect) => effect.type === kind && effect.status === 'due')
    if (found === undefined)
      throw new Error(`no open ${kind} among ${listed.map((one) => `${one.type} ${one.status}`).join(', ')}`)
    return found
  }
  const settle = async <K extends EffectKind>(kind: K, result: EffectResult<K>, blobs: readonly NewBlob[] = []) => {
    const { key } = await open(kind)
    const plain = JSON.parse(JSON.stringify(result))
    const receipt = signed(EFFECT_RECEIPT_TYPE, key, {
      v: 1,
      key,
      effect: kind,
      capability: kind,
      intended: sha256Hex(key),
      result: sha256Hex(canonicalJson(plain)),
      attempts: 1,
      at: AT,
    })
    const outcome = { is: 'performed', result: plain, receipt: receipt.sha256 } as const
    await record(
      {
        type: 'EffectSettled',
        by: 'agentos',
        at: AT,
        data: { key, effect: kind, attempts: 1, outcome, locks: await locks() },
      },
      [...blobs, receipt],
      key,
    )
  }
  const claim = async () => {
    const grant = told(currentGrant((await load()).state), 'the grant')
    const envelope = toDocument({ v: 1, envelope: grant.id })
    await record(
      {
        type: 'GrantClaimed',
        by: 'runner',
        at: AT,
        data: { grant: grant.id, runnerKey: 'key', job: jobClaims, envelope: envelope.sha256, fault: null },
      },
      [envelope],
    )
  }
  const deliver = async () => {
    const grant = told(currentGrant((await load()).state), 'the grant')
    const receipts = steps.map((step, index) =>
      stepReceipt(step, { index, run, grant: grant.id, purpose: grant.purpose }),
    )
    const delivery = deliveryOf(grant.id, receipts)
    const examined = examinedOf(renderDiff(edits, (blob) => bytes.get(blob)))
    const data = {
      grant: grant.id,
      runnerKey: 'key',
      delivery: delivery.sha256,
      receipts: receipts.map((one) => one.sha256),
      fault: null,
      examined: examined.sha256,
      locks: await locks(),
    }
    await record({ type: 'RunnerDelivered', by: 'runner', at: AT, data }, [...receipts, delivery, examined])
  }
  const draftNames = async () => ({
    memory: told((await load()).state.memory, 'memory').pack,
    intent: told((await load()).state.intent, 'intent'),
  })
  const commit = async (sha: string) => {
    const { key, body: raw } = await open('commit')
    const body = effectKinds.commit.body.parse(raw)
    const last = told((await load()).events.at(-1) ?? null, 'an event')
    const message = toDocument({
      v: 1,
      message: renderMessage(body, { key, event: { seq: last.seq, hash: last.hash } }),
    })
    const { state, documents } = await load()
    const { diffSha256 } = readDocument(documents, told(state.plan, 'the plan').hash, Plan)
    await settle(
      'commit',
      { is: 'committed', commit: sha, tree: TREE, diffSha256, message: message.sha256, verified: true },
      [message],
    )
  }
  const observe = async () =>
    settle('observe', {
      head: PLAN_COMMIT,
      state: 'open',
      requesterRole: 'write',
      baseRef: 'refs/heads/main',
      baseHead: BASE,
      changedOnBase: [],
      manifest: manifestHash(manifest),
      reviews: [{ reviewId: '501', userId: '22', state: 'approved', commit: PLAN_COMMIT, role: 'maintain' }],
    })

  const review = async (state: 'approved' | 'changes_requested', text: string) => {
    const said = words('lee', text)
    await record(
      {
        type: 'ReviewSeen',
        by: 'github:22',
        at: AT,
        data: {
          reviewId: '501',
          author: { id: '22', kind: 'User', role: 'maintain' },
          state,
          commit: PLAN_COMMIT,
          words: said.sha256,
          locks: await locks(),
        },
      },
      [said],
    )
  }

  const story = {
    async request() {
      await record(
        {
          type: 'RequestReceived',
          by: 'github:11',
          at: AT,
          data: {
            run,
            venue: 'github',
            via: { is: 'comment', commentId: '1' },
            instance: 'https://agentos.test',
            site: 'https://github.test',
            repository,
            issue: 12,
            requester: { id: '11', kind: 'User', role: 'write' },
            words: requested.sha256,
            mode: null,
            planner: { is: 'words' },
            base: { ref: 'refs/heads/main', sha: BASE },
            manifest: manifestHash(manifest),
            engine: { version: '0.1.0', digest: '4'.repeat(64) },
          },
        },
        [requested, manifestDocument],
      )
    },
    async plan() {
      const pack = memoryPack()
      await settle('collect-memory', { tree: BASE_TREE, pack: pack.sha256 }, [pack])
      const { memory, intent } = await draftNames()
      const draft = draftOf({ intent, memory, manifest: manifestHash(manifest), steps, bytes })
      const facts = factsOf(edits)
      const examined = examinedOf({ text: '', added: 0, removed: 0 })
      await settle('draft', { is: 'draft', draft: draft.sha256, facts: facts.sha256, examined: examined.sha256 }, [
        draft,
        facts,
        examined,
      ])
      await settle('open-pull-request', {
        number: 31,
        nodeId: 'PR_31',
        head: 'f'.repeat(40),
        draft: true,
        branch: `agentos/12-greet-${run}`,
      })
      await dispatch()
      await claim()
      await deliver()
      await commit(PLAN_COMMIT)
    },
    approve: () => review('approved', 'Fine.'),
    objectTo: (text: string) => review('changes_requested', text),
    async execute() {
      await observe()
      await dispatch()
      await claim()
      await deliver()
      await observe()
      await commit(DELIVERY_COMMIT)
    },
    settle,
    async toDelivered() {
      await story.request()
      await story.plan()
      await story.approve()
      await story.execute()
    },
  }
  const dispatch = async () => {
    const envelope = toDocument({ v: 1, dispatched: true })
    await settle('dispatch', { workflowRunId: '77', envelope: envelope.sha256 }, [envelope])
  }
  return story
}

function stateOf(text: string | null): Edit['before'] {
  return text === null ? null : { mode: '100644', blob: blobId(Buffer.from(text)) }
}
