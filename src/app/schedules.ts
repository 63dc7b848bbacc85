import { canonicalJson } from '../domain/canonical.ts'
import { plus } from '../domain/clock.ts'
import { Governed } from '../domain/control/governed.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import type { ObjectId } from '../domain/hash.ts'
import { type Instant, runStream, type StreamName } from '../domain/ids.ts'
import { documentsOf, type NewBlob, readDocument, SALT_BYTES, toWords } from '../domain/packs/documents.ts'
import type { Words } from '../domain/packs/people.ts'
import { chain, type EventEnvelope } from '../domain/run/envelope.ts'
import type { RunInput } from '../domain/run/events.ts'
import { foldRun } from '../domain/run/evolve.ts'
import { isFinal } from '../domain/run/state.ts'
import {
  decideSchedule,
  evolveSchedule,
  type ScheduledRun,
  type ScheduleLooked,
  type ScheduleState,
  scheduleStream,
  unseen,
} from '../domain/schedule-stream.ts'
import { controlPlaneAt, refusalText } from './control-plane.ts'
import type { Intake } from './intake-parts.ts'
import { JournalBusy } from './journal.ts'
import type { Arrival } from './ports.ts'

/** What looking at schedules needs: the same as taking in what people say. */
export type ScheduleDesk = Omit<Intake, 'queue'>

/** Watches the schedule rules of every repository that a webhook has named. */
export type ScheduleWatch = {
  /** From here on the rules of the repository are looked at, and after a push to its default branch at the next look. */
  see(arrival: Exclude<Arrival, { is: 'ignored' }>): Promise<void>
  /** The schedules of all repositories that were seen. */
  schedules(): Promise<readonly StreamName[]>
  /** Decides every due time since the last look, and begins the runs that were decided. */
  look(schedule: StreamName): Promise<void>
}

const MOST_TRIES = 20
/** A repository without rules is asked again after a push to its default branch, and in any case after this time. */
const QUIET_MS = 3_600_000

export function watchSchedules(desk: ScheduleDesk): ScheduleWatch {
  const seen = new Map<string, string>()
  const memory: Memory = { planes: new Map(), quiet: new Map() }
  return {
    async see(arrival) {
      const { repository } = arrival
      if (arrival.is === 'push' && arrival.branch === repository.defaultBranch) memory.quiet.delete(repository.id)
      const named = canonicalJson(repository)
      if (seen.get(repository.id) === named) return
      await recordSeen(desk, repository)
      seen.set(repository.id, named)
    },
    schedules: () => desk.ledger.streams('schedule/'),
    async look(schedule) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const known = await scheduleIn(desk, schedule)
        await beginDecided(desk, known.state)
        const outcome = await lookOnce(desk, memory, known)
        if (outcome !== 'moved') return
      }
      throw new JournalBusy(`${schedule} moved ${MOST_TRIES} times under this writer`)
    },
  }
}

type Known = { readonly schedule: StreamName; readonly events: readonly EventEnvelope[]; readonly state: ScheduleState }

async function scheduleIn({ ledger }: ScheduleDesk, schedule: StreamName): Promise<Known> {
  const events = await ledger.read(schedule)
  return { schedule, events, state: events.reduce<ScheduleState>(evolveSchedule, unseen) }
}

async function recordSeen(desk: ScheduleDesk, repository: RepositoryRef): Promise<void> {
  const schedule = scheduleStream(repository.id)
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { events, state } = await scheduleIn(desk, schedule)
    if (state.repository !== null && canonicalJson(state.repository) === canonicalJson(repository)) return
    const told = {
      kind: 'input',
      type: 'RepositorySeen',
      v: 1,
      data: { repository },
      by: 'agentos',
      at: desk.clock.now(),
    } as const
    const placed = chain(schedule, events.at(-1), [told])
    const expect = [{ stream: schedule, seq: events.length }]
    const outcome = await desk.ledger.append({ expect, events: placed, effects: [], blobs: [] })
    if (outcome.is !== 'moved') return
  }
  throw new JournalBusy(`${schedule} moved ${MOST_TRIES} times under this writer`)
}

/** What spares questions to GitHub, by repository: what a commit's control plane is, and since when there are no rules. */
type Memory = {
  readonly planes: Map<string, { readonly sha: ObjectId; readonly plane: Awaited<ReturnType<typeof controlPlaneAt>> }>
  readonly quiet: Map<string, Instant>
}

async function lookOnce(
  desk: ScheduleDesk,
  memory: Memory,
  { schedule, events, state }: Known,
): Promise<'done' | 'moved'> {
  const { repository } = state
  const to = desk.clock.now()
  if (repository === null || !isTime(memory, state, to)) return 'done'
  const { looked, governed } = await lookFrom(desk, memory, { repository, state, to })
  const decision = decideSchedule(state, looked, documentsOf(governed))
  if (decision === null) return 'done'
  const placed = chain(schedule, events.at(-1), decision.events)
  const outcome = await desk.ledger.append({
    expect: [{ stream: schedule, seq: events.length }],
    events: placed,
    effects: [],
    blobs: [...governed, ...decision.blobs],
  })
  if (outcome.is === 'moved') return 'moved'
  await beginDecided(desk, placed.reduce<ScheduleState>(evolveSchedule, state))
  return 'done'
}

type About = { readonly repository: RepositoryRef; readonly state: ScheduleState; readonly to: Instant }
type Facts = { readonly looked: ScheduleLooked; readonly governed: readonly NewBlob[] }

async function lookFrom(desk: ScheduleDesk, memory: Memory, { repository, state, to }: About): Promise<Facts> {
  const { base, plane } = await planeAt(desk, memory, { repository, to })
  const control: ScheduleLooked['control'] = plane.ok
    ? { is: 'valid', manifest: plane.value.hash }
    : { is: 'invalid', because: refusalText(plane.refusal).slice(0, 900).toWellFormed() }
  return {
    looked: { repository, from: state.look?.to ?? null, to, base, control, open: await openRuns(desk, state) },
    governed: plane.ok ? [plane.value.document] : [],
  }
}

/** Not before the last look, and not where an hour has not passed since there were no rules. */
function isTime(memory: Memory, state: ScheduleState, now: Instant): boolean {
  return (state.look === null || now > state.look.to) && !isQuiet(memory, state, now)
}

function isQuiet({ quiet }: Memory, { repository, rules }: ScheduleState, now: Instant): boolean {
  const since = repository === null ? undefined : quiet.get(repository.id)
  return rules.size === 0 && since !== undefined && now < plus(since, QUIET_MS)
}

/** The note is made before the question, so that a push that comes in between takes it back. */
async function planeAt(
  desk: ScheduleDesk,
  memory: Memory,
  about: { readonly repository: RepositoryRef; readonly to: Instant },
) {
  const { repository, to } = about
  memory.quiet.set(repository.id, to)
  try {
    return await planeOf(desk, memory, repository)
  } catch (error) {
    memory.quiet.delete(repository.id)
    throw error
  }
}

/** The control plane of a commit is always the same, so that an unchanged branch costs one request. */
async function planeOf({ github, control }: ScheduleDesk, { planes }: Memory, repository: RepositoryRef) {
  const sha = await github.branchHead(repository, repository.defaultBranch)
  const base = { ref: `refs/heads/${repository.defaultBranch}`, sha }
  const kept = planes.get(repository.id)
  if (kept?.sha === sha) return { base, plane: kept.plane }
  const plane = await controlPlaneAt(control, github.reader(repository), sha)
  planes.set(repository.id, { sha, plane })
  return { base, plane }
}

async function openRuns({ ledger }: ScheduleDesk, { runs }: ScheduleState): Promise<ScheduleLooked['open']> {
  const open: ScheduleLooked['open'] = []
  for (const { rule, run } of runs.values()) {
    const { phase } = foldRun(await ledger.read(runStream(run)))
    if (!isFinal(phase) && phase !== 'merged') open.push({ rule, run, phase })
  }
  return open
}

/** Begins every decided run that has no stream yet: also one that a crash kept from beginning. */
async function beginDecided(desk: ScheduleDesk, { repository, runs }: ScheduleState): Promise<void> {
  if (repository === null) return
  for (const scheduled of runs.values()) {
    const begun = await desk.ledger.read(runStream(scheduled.run))
    if (begun.length === 0) await beginRun(desk, repository, scheduled)
  }
}

async function beginRun(desk: ScheduleDesk, repository: RepositoryRef, scheduled: ScheduledRun): Promise<void> {
  const { run, rule: id, due, record, base, manifest } = scheduled
  const found = await desk.ledger.blobs([manifest])
  const { schedules } = readDocument((sha256) => found.get(sha256), manifest, Governed)
  const rule = schedules.find((one) => one.id === id)
  if (rule === undefined) throw new TypeError(`${id} was decided to run under a control plane without it`)
  const words = toWords(wordsFor(id, rule), desk.random(SALT_BYTES))
  const input: RunInput = {
    type: 'RequestReceived',
    by: `schedule:${id}`,
    at: desk.clock.now(),
    data: {
      run,
      venue: 'github',
      via: { is: 'schedule', rule: id, due, decision: record },
      instance: desk.instance,
      site: desk.site,
      repository,
      issue: null,
      requester: { id: await desk.github.ownId(), kind: 'Bot', role: 'none' },
      words: words.sha256,
      quotes: 'salted',
      mode: null,
      planner: { is: 'recipe', name: rule.recipe },
      base,
      manifest,
      engine: desk.engine,
    },
  }
  await desk.journal.record({
    run,
    repository: repository.id,
    make: ({ events }) => (events.length > 0 ? null : { input, blobs: [words] }),
  })
}

/** `login` is no login: nobody asked, and nobody's permission is asked for in the rule's name. */
function wordsFor(id: string, { recipe, params }: Governed['schedules'][number]): Words {
  return {
    login: `schedule ${id}`,
    title: '',
    body: '',
    text: `Recipe ${recipe}, by the schedule rule ${id}`,
    params,
    labels: [],
  }
}
