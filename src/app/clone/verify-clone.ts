import { evidencePath } from '../../domain/evidence.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { RunId } from '../../domain/ids.ts'
import { isSameHead } from '../../domain/merkle.ts'
import { foldRun } from '../../domain/run/evolve.ts'
import type { OpenedCheckpoint } from '../checkpoints.ts'
import {
  type Anchor,
  type EvidenceFault,
  type OpenedEvidence,
  openBundle,
  type Trust,
} from '../evidence/open-bundle.ts'
import { againstAnchor } from '../evidence/open-place.ts'
import { verifyEvidence } from '../verify.ts'
import type { WholeClone } from '../verify-repository.ts'
import { faultsInAccounts } from './accounts.ts'
import { type AboutClone, checkCommit, checkRun, type Finding, type KnownRun, type RunInClone } from './compare.ts'
import { type EvidenceRef, readEvidenceRef } from './evidence-ref.ts'
import { type Line, lineOf } from './line.ts'

/** What a whole clone was found to be, held against the evidence of its runs. */
export type CheckedClone = {
  readonly valid: boolean
  /** The newest push of evidence that the clone holds; null where it holds none. */
  readonly ref: ObjectId | null
  readonly runs: readonly RunInClone[]
  /** How many commits name a run. */
  readonly commits: number
  readonly faults: readonly EvidenceFault[]
  /** What is neither proven nor wrong, in words for people. */
  readonly notes: readonly string[]
}

type File = EvidenceRef['files'][number]

/** There is nothing in the clone, and nothing was given, to hold it against. */
export type NoEvidence = { readonly is: 'no-evidence' } | { readonly is: 'shallow' }

/**
 * Checks a clone with nothing but itself, evidence that was given beside it and public keys, both ways: each commit that
 * names a run has its evidence, and each landing on record is in the clone with the content and trailers it had. `pushed`
 * says whose word counts for what the clone brings itself.
 */
export async function verifyClone(
  clone: WholeClone,
  given: readonly File[],
  { trust, pushed }: { readonly trust: Trust; readonly pushed: Trust },
): Promise<CheckedClone | NoEvidence> {
  if (!(await clone.isWhole())) return { is: 'shallow' }
  const ref = await readEvidenceRef(clone)
  if (ref === null && given.length === 0) return { is: 'no-evidence' }
  const pushes = ref?.pushes ?? []
  const line = lineOf(pushes, pushed)
  const opened = openAll([
    ...given.map((file) => ({ file, trust })),
    ...(ref?.files ?? []).map((file) => ({ file, trust: { ...pushed, proven: line.heads } })),
  ])
  const about = await aboutClone(clone, opened.runs)
  const commits = await clone.namingRuns()
  const ofCommits = await eachOf(commits, (commit) => checkCommit(commit, about))
  const ofRuns = await eachOf([...opened.runs.values()], (run) => checkRun(run, about))
  const findings = [...ofCommits.flat(), ...ofRuns.flatMap((one) => one.findings)]
  const faults = [
    ...line.faults,
    ...(await faultsInAccounts(clone, pushes)),
    ...opened.faults,
    ...faultsInFiles(ref, opened.runs, line),
    ...faultsInAnchor(opened.runs, line, trust),
    ...faultsAmong(findings),
  ]
  return {
    valid: faults.length === 0,
    ref: ref?.tip ?? null,
    runs: ofRuns.map(({ run }) => run),
    commits: commits.length,
    faults,
    notes: [...new Set(notesAmong(findings)), ...unanchored(ref, trust)],
  }
}

function faultsAmong(findings: readonly Finding[]): readonly EvidenceFault[] {
  return findings.flatMap((one) => (one.is === 'fault' ? [{ fault: one.fault, where: one.where }] : []))
}

function notesAmong(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap((one) => (one.is === 'note' ? [one.note] : []))
}

/** A line whose end was cut off looks like a shorter one. */
function unanchored(ref: EvidenceRef | null, { checkpoint = null }: Trust): readonly string[] {
  if (ref === null || checkpoint !== null) return []
  return ['That no later push of evidence was left out: give a checkpoint kept from elsewhere (`--anchor FILE`).']
}

async function eachOf<T, U>(all: readonly T[], one: (item: T) => Promise<U>): Promise<readonly U[]> {
  const found: U[] = []
  for (const item of all) found.push(await one(item))
  return found
}

type OpenedRuns = { readonly runs: ReadonlyMap<RunId, KnownRun>; readonly faults: readonly EvidenceFault[] }

/** Of a run that is there twice the longer account counts, which must go on from the shorter one. */
function openAll(files: readonly { readonly file: File; readonly trust: Trust }[]): OpenedRuns {
  const runs = new Map<RunId, KnownRun>()
  const faults: EvidenceFault[] = []
  for (const { file, trust } of files) {
    const known = openOne(file, { ...trust, anchor: null, checkpoint: null })
    if ('fault' in known) {
      faults.push(known)
      continue
    }
    const other = runs.get(known.evidence.run)
    const [longer, shorter] = other === undefined || lengthOf(other) < lengthOf(known) ? [known, other] : [other, known]
    runs.set(longer.evidence.run, longer)
    if (shorter !== undefined && !goesOnFrom(longer, shorter))
      faults.push({ fault: `it tells another run ${longer.evidence.run} than ${longer.name}`, where: shorter.name })
  }
  return { runs, faults }
}

function openOne({ name, bytes }: File, trust: Trust): KnownRun | EvidenceFault {
  const verified = verifyEvidence(bytes, trust)
  if (!verified.valid) return { fault: verified.fault, where: `${name}, ${verified.where}` }
  const opened = openBundle(bytes, trust)
  if (!opened.ok) return { fault: opened.refusal.fault, where: `${name}, ${opened.refusal.where}` }
  const { evidence, documents, place } = opened.value
  return { name, evidence, documents, place, state: foldRun(evidence.events) }
}

function lengthOf({ evidence }: Pick<OpenedEvidence, 'evidence'>): number {
  return evidence.events.length
}

function goesOnFrom(longer: KnownRun, shorter: KnownRun): boolean {
  return longer.evidence.events[lengthOf(shorter) - 1]?.hash === shorter.evidence.events.at(-1)?.hash
}

/** Each file is named after its run, stands under a checkpoint of the line, and is of the same repository as the others. */
function faultsInFiles(
  ref: EvidenceRef | null,
  runs: ReadonlyMap<RunId, KnownRun>,
  { heads }: Line,
): readonly EvidenceFault[] {
  const names = new Set(ref?.files.map(({ name }) => name))
  const pushed = [...runs.values()].filter(({ name }) => names.has(name))
  const repository = pushed[0]?.state.request?.repository.id
  return pushed.flatMap(({ name, evidence, place, state }) => [
    ...(name === evidencePath(evidence.run) ? [] : [{ fault: `it is of run ${evidence.run}`, where: name }]),
    ...(place !== null && heads.some((head) => isSameHead(head, place))
      ? []
      : [{ fault: 'its checkpoint is none of those that the pushes of evidence go through', where: name }]),
    ...(state.request?.repository.id === repository ? [] : [{ fault: 'it is of another repository', where: name }]),
  ])
}

/** What was known from elsewhere must be found in the clone: a position in one of its runs, a checkpoint in its line. */
function faultsInAnchor(
  runs: ReadonlyMap<RunId, KnownRun>,
  line: Line,
  { anchor = null, checkpoint = null }: Trust,
): readonly EvidenceFault[] {
  return [
    ...(anchor === null || [...runs.values()].some(({ evidence }) => holds(evidence, anchor))
      ? []
      : [{ fault: 'no run of the clone holds the anchored position', where: `${anchor.seq}@${anchor.hash}` }]),
    ...(checkpoint === null ? [] : faultsInLog(line, checkpoint)),
  ]
}

function holds({ events }: KnownRun['evidence'], { seq, hash }: Anchor): boolean {
  return events[seq - 1]?.hash === hash
}

function faultsInLog({ heads }: Line, anchored: OpenedCheckpoint): readonly EvidenceFault[] {
  const where = `the log at position ${anchored.size}`
  const found = againstAnchor(heads, anchored)
  if (found.is === 'same') return []
  if (found.is === 'forked') return [{ fault: found.fault, where }]
  const last = heads.at(-1)?.size ?? 0
  const because =
    last < anchored.size
      ? `the pushes of evidence end at ${last} events: they were cut off, or are to be fetched`
      : 'no push of evidence was made of the anchored state: hold it against evidence exported with `--since`'
  return [{ fault: because, where }]
}

async function aboutClone(clone: WholeClone, runs: ReadonlyMap<RunId, KnownRun>): Promise<AboutClone> {
  const branches = new Set([...runs.values()].flatMap(({ state }) => state.request?.repository.defaultBranch ?? []))
  const names = [...branches].flatMap((branch) => [`refs/remotes/origin/${branch}`, `refs/heads/${branch}`])
  const found = await eachOf(names, (name) => clone.resolve(name))
  const known = found.filter((tip) => tip !== undefined)
  const tips = known.length > 0 ? known : [(await clone.resolve('HEAD')) ?? []].flat()
  return { clone, runs, all: await clone.history('all'), mainline: await clone.history(tips) }
}
