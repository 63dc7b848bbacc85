import type { Sha256 } from '../../domain/hash.ts'
import { type ForeignId, type RunId, runStream, type StreamName } from '../../domain/ids.ts'
import type { Erasable } from '../../domain/redaction.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Surveyed } from './survey.ts'

/** What is to be erased: these blobs, what a run holds, or what one person wrote and what quotes it. */
export type Wanted =
  | { readonly is: 'blobs'; readonly blobs: readonly Sha256[] }
  | { readonly is: 'run'; readonly run: RunId; readonly person: ForeignId | null }
  | { readonly is: 'person'; readonly person: ForeignId }

/** Why nothing at all is erased. */
export type NotErased = {
  readonly rule: 'unknown-blob' | 'unknown-run' | 'nothing-found' | 'record' | 'living-run'
  readonly because: string
  readonly next: string
}

/** For each stream what of its blobs is erased; `kept` is shared with a run that is not over. */
export type Selection = {
  readonly streams: ReadonlyMap<StreamName, ReadonlyMap<Sha256, Erasable>>
  readonly kept: ReadonlyMap<Sha256, StreamName>
}

/** Settles what goes. It goes from every stream that names it, or, where one of them still needs it, nothing goes at all. */
export function select(all: readonly Surveyed[], wanted: Wanted): Result<Selection, NotErased> {
  const sought = seek(all, wanted)
  if (!sought.ok) return sought
  const wholly = withQuotes(all, sought.value)
  const streams = new Map<StreamName, Map<Sha256, Erasable>>()
  const kept = new Map<Sha256, StreamName>()
  for (const sha256 of wholly) {
    const naming = all.filter((one) => one.held.has(sha256) && !one.erased.has(sha256))
    const fault = faultIn(naming, sha256)
    if (fault !== undefined && (wanted.is === 'blobs' || fault.isText)) return refuse(fault.refusal)
    if (fault !== undefined) kept.set(sha256, fault.stream)
    else for (const one of naming) note(streams, one, sha256)
  }
  return ok({ streams, kept })
}

function note(streams: Map<StreamName, Map<Sha256, Erasable>>, { stream, held }: Surveyed, sha256: Sha256): void {
  const holds = held.get(sha256)
  if (holds === undefined || holds === 'record') return
  streams.set(stream, (streams.get(stream) ?? new Map<Sha256, Erasable>()).set(sha256, holds))
}

function seek(all: readonly Surveyed[], wanted: Wanted): Result<ReadonlySet<Sha256>, NotErased> {
  if (wanted.is === 'blobs') return seekBlobs(all, wanted.blobs)
  const runs = wanted.is === 'run' ? all.filter(({ stream }) => stream === runStream(wanted.run)) : all
  if (wanted.is === 'run' && runs.length === 0)
    return refuse({
      rule: 'unknown-run',
      because: `there is no run ${wanted.run}; nothing was erased`,
      next: 'name a run that the ledger has',
    })
  const { person } = wanted
  const found = runs.flatMap((one) => (person === null ? erasableIn(one) : ofPerson(one, person)))
  if (found.length > 0) return ok(new Set(found))
  const because = person === null ? 'nothing of it is left to erase' : `there are no words of ${person} left to erase`
  return refuse({ rule: 'nothing-found', because, next: 'nothing is to be done' })
}

function seekBlobs(all: readonly Surveyed[], blobs: readonly Sha256[]): Result<ReadonlySet<Sha256>, NotErased> {
  const unknown = blobs.find((sha256) => !all.some(({ held }) => held.has(sha256)))
  if (unknown === undefined) return ok(new Set(blobs))
  return refuse({
    rule: 'unknown-blob',
    because: `no run and no desk names blob ${unknown}; nothing was erased`,
    next: 'take the names from the evidence of a run',
  })
}

function erasableIn({ held, erased, reasons }: Surveyed): readonly Sha256[] {
  return [...held].flatMap(([sha256, holds]) =>
    holds === 'record' || erased.has(sha256) || reasons.has(sha256) ? [] : [sha256],
  )
}

/**
 * A person's own words, and every text and conversation with a model of the same stream that is nobody's own: they may
 * quote them. What others wrote stays.
 */
function ofPerson(one: Surveyed, person: ForeignId): readonly Sha256[] {
  if (![...one.authors.values()].includes(person)) return []
  return erasableIn(one).filter((sha256) => {
    const holds = one.held.get(sha256)
    const author = one.authors.get(sha256)
    return author === undefined ? holds === 'text' || holds === 'model' : author === person
  })
}

/** Copies of the words in the MemoryPacks of later runs go along, with what a model was told and answered there. */
function withQuotes(all: readonly Surveyed[], sought: ReadonlySet<Sha256>): ReadonlySet<Sha256> {
  const quoting = all.flatMap((one) => {
    const packs = [...sought].flatMap((sha256) => one.quotes.get(sha256) ?? [])
    return packs.length === 0 ? [] : [...packs, ...erasableIn(one).filter((sha256) => one.held.get(sha256) === 'model')]
  })
  return new Set([...sought, ...quoting])
}

type Fault = { readonly refusal: NotErased; readonly stream: StreamName; readonly isText: boolean }

function faultIn(naming: readonly Surveyed[], sha256: Sha256): Fault | undefined {
  const record = naming.find(({ held }) => held.get(sha256) === 'record')
  const living = naming.find((one) => one.living !== null)
  const one = record ?? living
  if (one === undefined) return undefined
  const { stream } = one
  const holds = one.held.get(sha256)
  return { refusal: refusal(one, sha256), stream, isText: holds === 'text' || holds === 'model' }
}

function refusal({ stream, held, living }: Surveyed, sha256: Sha256): NotErased {
  if (held.get(sha256) === 'record')
    return {
      rule: 'record',
      because: `the evidence of ${stream} rests on blob ${sha256}, which holds nobody’s words; nothing was erased`,
      next: 'name blobs that hold texts, outputs or files',
    }
  return {
    rule: 'living-run',
    because: `${stream} still needs blob ${sha256}: ${living ?? 'it is not over'}; nothing was erased`,
    next: 'stop the run with `/agentos stop`, or wait for its end, and say it again',
  }
}
