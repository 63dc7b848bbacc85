import type { TakenDelivery } from '../../app/ledger.ts'
import type { MemoryRow } from '../../app/memory-index.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { EffectKey, Instant, StreamName } from '../../domain/ids.ts'
import { type EffectEntry, keysIn, type Prepared } from './prepare.ts'
import type { DeliveryStatus, Head, Standing } from './weigh.ts'

export type KeptEffect = EffectEntry & { readonly reason: string | null }
export type KeptDelivery = TakenDelivery & { readonly status: DeliveryStatus; readonly until: Instant | null }
/** A delivery that was answered: that it came is remembered, what it said is not. */
export function answered(delivery: KeptDelivery): KeptDelivery {
  return { ...delivery, payload: new Uint8Array(), status: 'handled' }
}

export type Lease = { readonly owner: string; readonly until: Instant }

/** Events as the texts they would be in a database; maps keep the order of arrival. */
export type Store = {
  readonly log: string[]
  readonly streams: Map<StreamName, string[]>
  readonly heads: Map<StreamName, Head>
  readonly blobs: Map<Sha256, Uint8Array>
  readonly effects: Map<EffectKey, KeptEffect>
  readonly leases: Map<StreamName, Lease>
  readonly deliveries: Map<string, KeptDelivery>
  /** What was learned from the log, by the place that says it. */
  readonly memory: Map<string, MemoryRow>
}

export function emptyStore(): Store {
  return {
    log: [],
    streams: new Map(),
    heads: new Map(),
    blobs: new Map(),
    effects: new Map(),
    leases: new Map(),
    deliveries: new Map(),
    memory: new Map(),
  }
}

/** What an append is judged by. */
export function standingIn(store: Store, prepared: Prepared): Standing {
  const { expect, consumes } = prepared.append
  return {
    pos: store.log.length,
    heads: found(
      expect.map(({ stream }) => stream),
      (stream) => store.heads.get(stream),
    ),
    effects: found(keysIn(prepared), (key) => store.effects.get(key)?.status),
    deliveries: found(consumes === undefined ? [] : [consumes], (id) => store.deliveries.get(id)?.status),
  }
}

function found<T>(names: readonly string[], find: (name: string) => T | undefined): ReadonlyMap<string, T> {
  const entries = new Map<string, T>()
  for (const name of names) {
    const entry = find(name)
    if (entry !== undefined) entries.set(name, entry)
  }
  return entries
}
