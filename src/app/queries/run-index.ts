import type { Instant, RunId, StreamName } from '../../domain/ids.ts'
import type { EventEnvelope } from '../../domain/run/envelope.ts'
import { evolve } from '../../domain/run/evolve.ts'
import { absent, type Phase, phases, type RunState } from '../../domain/run/state.ts'
import type { EffectQueue, EffectStatus, Ledger } from '../ledger.ts'

/** A run whose stream this engine cannot fold, as one that a newer engine wrote, is told as it stood before. */
export type ListedPhase = Phase | 'unreadable'

/** One line of the list of runs. */
export type RunRow = {
  readonly run: RunId
  readonly repository: { readonly id: string; readonly owner: string; readonly name: string }
  readonly issue: number | null
  readonly pullRequest: number | null
  readonly phase: ListedPhase
  readonly startedAt: Instant
  readonly updatedAt: Instant
  readonly baseSha: string
}

export type Counts = {
  readonly runs: readonly { readonly phase: ListedPhase; readonly count: number }[]
  readonly effects: readonly { readonly status: EffectStatus; readonly count: number }[]
}

type Store = { readonly ledger: Pick<Ledger, 'log'>; readonly queue: Pick<EffectQueue, 'list'> }
type EffectTally = { readonly [S in EffectStatus]: number }
type Known = { readonly state: RunState; readonly firstPos: number; readonly isReadable: boolean }

const PAGE = 1000

/**
 * All runs, folded from the log in the order of its positions. What was folded is kept, so a question costs only what was
 * recorded since the one before it; concurrent questions wait for the same reading.
 */
export function runIndex(store: Store): {
  listRuns(): Promise<readonly RunRow[]>
  counts(): Promise<Counts>
} {
  const runs = new Map<StreamName, Known>()
  const tallies = new Map<StreamName, { readonly seq: number; readonly tally: EffectTally }>()
  let next = 1
  const readOn = async () => {
    for (;;) {
      const page = await store.ledger.log(next, PAGE)
      for (const { pos, event } of page) {
        take(runs, pos, event)
        next = pos + 1
      }
      if (page.length < PAGE) return
    }
  }
  const catchUp = inTurn(readOn)
  return {
    async listRuns() {
      await catchUp()
      return [...runs.values()].sort((a, b) => b.firstPos - a.firstPos).flatMap(toRow)
    },
    async counts() {
      await catchUp()
      const known = [...runs]
      const each: EffectTally[] = []
      for (const [stream, { state }] of known) each.push(await tallyOf(store, tallies, { stream, seq: state.seq }))
      return { runs: byPhase(known.map(([, one]) => phaseOf(one))), effects: byStatus(each) }
    },
  }
}

/** Runs `work` for every caller, one at a time; one that failed does not stand in the way of the next. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return async () => {
    const mine = last.then(work, work)
    last = mine
    await mine
  }
}

function take(runs: Map<StreamName, Known>, pos: number, event: EventEnvelope): void {
  if (!event.stream.startsWith('run/')) return
  const known = runs.get(event.stream) ?? { state: absent, firstPos: pos, isReadable: true }
  if (known.isReadable) runs.set(event.stream, { ...known, ...folded(known.state, event) })
}

/** One stream that cannot be read must not hide the others. */
function folded(state: RunState, event: EventEnvelope): Pick<Known, 'state' | 'isReadable'> {
  try {
    return { state: evolve(state, event), isReadable: true }
  } catch {
    return { state, isReadable: false }
  }
}

function phaseOf({ state, isReadable }: Known): ListedPhase {
  return isReadable ? state.phase : 'unreadable'
}

function toRow(known: Known): RunRow[] {
  const { state } = known
  const { request, now } = state
  if (request === null || now === null) return []
  const { id, owner, name } = request.repository
  return [
    {
      run: request.run,
      repository: { id, owner, name },
      issue: request.issue,
      pullRequest: state.pullRequest?.number ?? null,
      phase: phaseOf(known),
      startedAt: request.at,
      updatedAt: now,
      baseSha: request.base.sha,
    },
  ]
}

/** A run without open effects is counted once for each length of its stream. */
async function tallyOf(
  store: Store,
  tallies: Map<StreamName, { readonly seq: number; readonly tally: EffectTally }>,
  { stream, seq }: { readonly stream: StreamName; readonly seq: number },
): Promise<EffectTally> {
  const before = tallies.get(stream)
  if (before?.seq === seq && before.tally.due + before.tally.attempted === 0) return before.tally
  const listed = await store.queue.list(stream)
  const countOf = (status: EffectStatus) => listed.filter((effect) => effect.status === status).length
  const tally = {
    due: countOf('due'),
    attempted: countOf('attempted'),
    done: countOf('done'),
    abandoned: countOf('abandoned'),
  }
  tallies.set(stream, { seq, tally })
  return tally
}

function byPhase(found: readonly ListedPhase[]): Counts['runs'] {
  return [...phases.filter((phase) => phase !== 'absent'), 'unreadable' as const].map((phase) => ({
    phase,
    count: found.filter((one) => one === phase).length,
  }))
}

const STATUSES = ['due', 'attempted', 'done', 'abandoned'] as const

function byStatus(each: readonly EffectTally[]): Counts['effects'] {
  return STATUSES.map((status) => ({ status, count: each.reduce((sum, tally) => sum + tally[status], 0) }))
}
