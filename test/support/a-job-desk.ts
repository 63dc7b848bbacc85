import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { renderDiff } from '../../src/adapters/rendering/diff-text.ts'
import { keyidOf, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { jobDesk } from '../../src/app/claims.ts'
import { journal } from '../../src/app/journal.ts'
import { signGrantWith } from '../../src/app/sign-grant.ts'
import { runStream } from '../../src/domain/ids.ts'
import { type AttestedJob, jobAudience } from '../../src/domain/job.ts'
import { keysOf } from '../../src/domain/lock-keys.ts'
import { ok, refuse } from '../../src/domain/result.ts'
import { chain, type Unplaced } from '../../src/domain/run/envelope.ts'
import type { JobClaims } from '../../src/domain/run/inputs.ts'
import { told } from '../../src/domain/run/state.ts'
import { ana, BASE_TREE, controller, RUN } from './builders.ts'
import { given, JOB, type Play, planOf, type Scene } from './given.ts'
import { plainFilter } from './plain-filter.ts'

const publicUrl = 'https://agentos.example'
const workflow = told(JOB, 'the job').workflowRef

/** The controller's side of a run that is where the scenes lead, and the tokens that jobs come with. */
export async function aJobDesk(...scenes: readonly Scene[]) {
  const { play } = given(...scenes).when()
  const { ledger, queue } = memoryLedger()
  const opened = { run: RUN, issue: 12, requester: ana.id }
  const desk = chain('desk/10', undefined, [
    { kind: 'decision', type: 'RunOpened', v: 1, data: opened, by: 'agentos', at: play.now },
  ])
  await ledger.append({
    expect: [runStream(RUN), 'desk/10', 'locks/10'].map((stream) => ({ stream, seq: 0 })),
    events: [...play.events, ...desk, ...chain('locks/10', undefined, locksTaken(play))],
    effects: [],
    blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
  })
  const tokens = new Map<string, AttestedJob>()
  const token = (publicKey: string, changes: Partial<JobClaims> = {}) => {
    const claims = { ...told(JOB, 'the job'), ...changes }
    const audience = jobAudience(publicUrl, keyidOf(publicKey) ?? '')
    tokens.set(String(tokens.size), { claims, eventName: 'workflow_dispatch', audience })
    return String(tokens.size - 1)
  }
  const jobs = jobDesk({
    ledger,
    journal: journal({ ledger, queue }),
    attest: (text) => Promise.resolve(known(tokens.get(text))),
    open: openEnvelope,
    keyidOf,
    signGrant: signGrantWith(controller),
    readerFor: () => ({
      treeOf: () => Promise.resolve(BASE_TREE),
      entries: () => Promise.resolve([]),
      blobs: () => Promise.resolve(new Map()),
    }),
    render: renderDiff,
    filter: plainFilter,
    clock: { now: () => play.now },
    expected: {
      issuer: told(JOB, 'the job').issuer,
      publicUrl,
      trusted: [{ workflow, sha: null }],
      botId: () => Promise.resolve(told(JOB, 'the job').actorId),
    },
  })
  return { jobs, token, play, ledger, recorded: () => ledger.read(runStream(RUN)) }
}

/** The locks that the play's run holds, as the repository's own stream has them. */
function locksTaken(play: Play): Unplaced[] {
  const decisions = play.transitions.flatMap((step) => step.decisions)
  return decisions.flatMap((decision): Unplaced[] => {
    if (decision.type !== 'LocksTaken') return []
    const data = {
      run: RUN,
      ...decision.data,
      keys: [...keysOf(told(play.state.request, 'the request'), planOf(play))],
    }
    return [{ kind: 'decision', type: decision.type, v: 1, data, by: 'agentos', at: play.now }]
  })
}

/** Who comes without a token is nobody; on this desk no local job does. */
function known(job: AttestedJob | undefined) {
  return job === undefined ? refuse({ rule: 'oidc-token', because: 'it is no token', next: 'ask for one' }) : ok(job)
}
