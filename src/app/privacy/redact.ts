import type { Sha256 } from '../../domain/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import { documentsOf, type NewBlob, SALT_BYTES, toDocument, toWords } from '../../domain/packs/documents.ts'
import {
  BLOB_REDACTED,
  type Erasable,
  MOST_REDACTED,
  REDACTION_TYPE,
  type Redacted,
  type RedactedBlob,
  type RedactionReceipt,
  type RedactionWords,
} from '../../domain/redaction.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { transition } from '../../domain/run/coordinator.ts'
import { chain, type EventEnvelope } from '../../domain/run/envelope.ts'
import { foldRun } from '../../domain/run/evolve.ts'
import { documentsFor, JournalBusy } from '../journal.ts'
import type { Append, Ledger } from '../ledger.ts'
import type { MemoryIndex } from '../memory-index.ts'
import type { Clock, Random, Signer } from '../ports.ts'
import { rowsOf } from '../remember.ts'
import { sealStatement } from '../runner/statements.ts'
import { type NotErased, type Selection, select, type Wanted } from './select.ts'
import { type Surveyed, type SurveySource, surveyAll } from './survey.ts'

/** What erasing needs: the whole store, and the key that vouches for it. */
export type Redacting = SurveySource & {
  readonly ledger: Ledger
  readonly memory: MemoryIndex
  readonly signer: Signer
  readonly clock: Clock
  readonly random: Random
}

/** Who erases, and the words or the rule that it is done for. */
export type Cause = {
  readonly by: string
  readonly why: { readonly is: 'asked'; readonly because: string } | { readonly is: 'retention'; readonly days: number }
}

/** What was erased of which stream, and what stayed since a run that is not over shares it. */
export type Erasure = {
  readonly erased: readonly (RedactedBlob & { readonly stream: StreamName })[]
  readonly kept: readonly { readonly sha256: Sha256; readonly neededBy: StreamName }[]
}

const MOST_TRIES = 5

/** Erases what a person in charge asks for: all of it, or with the rule that forbids it nothing. */
export async function redact(parts: Redacting, wanted: Wanted, cause: Cause): Promise<Result<Erasure, NotErased>> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const all = await surveyAll(parts)
    const selection = select(all, wanted)
    if (!selection.ok) return refuse(selection.refusal)
    const erasure = await erase(parts, { all, selection: selection.value }, cause)
    if (erasure !== 'moved') return ok(erasure)
  }
  throw new JournalBusy(`streams moved ${MOST_TRIES} times while something was to be erased`)
}

type Chosen = { readonly all: readonly Surveyed[]; readonly selection: Selection }

/** Erases in one append: the blobs go in the transaction that records the events which say so. */
export async function erase(
  parts: Redacting,
  { all, selection }: Chosen,
  { by, why }: Cause,
): Promise<Erasure | 'moved'> {
  const at = parts.clock.now()
  const made: Made[] = []
  for (const one of all) {
    const chosen = selection.streams.get(one.stream)
    if (chosen === undefined) continue
    const blobs = await sized(parts.ledger, chosen)
    if (blobs.length > 0) made.push(await eventsFor(parts, { one, blobs, why }, { by, at }))
  }
  const kept = [...selection.kept].map(([sha256, neededBy]) => ({ sha256, neededBy }))
  if (made.length === 0) return { erased: [], kept }
  const outcome = await parts.ledger.append({
    expect: made.map(({ one }) => ({ stream: one.stream, seq: one.events.length })),
    events: made.flatMap(({ events }) => events),
    effects: [],
    blobs: made.flatMap(({ blobs }) => blobs),
  } satisfies Append)
  if (outcome.is !== 'appended') return 'moved'
  await learnAgain(
    parts,
    made.map(({ one }) => one.stream),
  )
  return { erased: made.flatMap(({ one, erased }) => erased.map((blob) => ({ ...blob, stream: one.stream }))), kept }
}

/** What is not there any more, or never came, needs no event. */
async function sized(ledger: Pick<Ledger, 'blobs'>, chosen: ReadonlyMap<Sha256, Erasable>): Promise<RedactedBlob[]> {
  const found = await ledger.blobs([...chosen.keys()])
  return [...chosen].flatMap(([sha256, holds]) => {
    const bytes = found.get(sha256)?.length
    return bytes === undefined ? [] : [{ sha256, bytes, holds }]
  })
}

type Made = {
  readonly one: Surveyed
  readonly erased: readonly RedactedBlob[]
  readonly events: readonly EventEnvelope[]
  readonly blobs: readonly NewBlob[]
}
type About = { readonly one: Surveyed; readonly blobs: readonly RedactedBlob[]; readonly why: Cause['why'] }
type Told = Pick<EventEnvelope, 'by' | 'at'>

async function eventsFor(parts: Redacting, { one, blobs, why }: About, told: Told): Promise<Made> {
  const { stream } = one
  const said = reasonFor(why, parts.random)
  const beside: NewBlob[] = [...said.blobs]
  const added: EventEnvelope[] = []
  for (let from = 0; from < blobs.length; from += MOST_REDACTED) {
    const part = { blobs: blobs.slice(from, from + MOST_REDACTED), why: said.why }
    const stated: RedactionReceipt = { v: 1, stream, ...part, ...told }
    const receipt = toDocument(sealStatement(parts.signer, REDACTION_TYPE, stream, stated))
    beside.push(receipt)
    const data = { ...part, receipt: receipt.sha256 }
    const events = [...one.events, ...added]
    added.push(...(await placed(parts, { stream, events, data, beside }, told)))
  }
  return { one, erased: blobs, events: added, blobs: beside }
}

function reasonFor(
  why: Cause['why'],
  random: Random,
): { readonly why: Redacted['why']; readonly blobs: readonly NewBlob[] } {
  if (why.is === 'retention') return { why, blobs: [] }
  const words = toWords({ v: 1, because: why.because } satisfies RedactionWords, random(SALT_BYTES))
  return { why: { is: 'asked', words: words.sha256 }, blobs: [words] }
}

type Placing = {
  readonly stream: StreamName
  readonly events: readonly EventEnvelope[]
  readonly data: Redacted
  readonly beside: readonly NewBlob[]
}

/** A run takes it in like any other input; a desk has nothing to decide about it. */
async function placed(
  { ledger }: Redacting,
  { stream, events, data, beside }: Placing,
  told: Told,
): Promise<readonly EventEnvelope[]> {
  const last = events.at(-1)
  if (!stream.startsWith('run/'))
    return chain(stream, last, [{ kind: 'input', type: BLOB_REDACTED, v: 1, data, ...told }])
  const documents = documentsOf(beside, await documentsFor(ledger, events))
  return chain(stream, last, transition(foldRun(events), { type: BLOB_REDACTED, data, ...told }, documents).events)
}

/** What was learned from a stream was forgotten with its blobs; what still stands is learned again. */
async function learnAgain({ ledger, memory }: Redacting, streams: readonly StreamName[]): Promise<void> {
  for (const stream of streams) if (stream.startsWith('run/')) await memory.keep(await rowsOf(ledger, stream), 0)
}

/** How the record names an operator of this machine: by number, as all people. */
export function operator(uid: number | undefined): string {
  return `operator:${uid ?? 0}`
}
