import type { TakenDelivery } from '../../app/ledger.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { EffectKey, Instant, StreamName } from '../../domain/ids.ts'
import type { EffectEntry } from './prepare.ts'
import type { DeliveryStatus, Head, Standing } from './weigh.ts'

export type KeptEffect = EffectEntry & { readonly reason: string | null }
export type KeptDelivery = TakenDelivery & { readonly status: DeliveryStatus; readonly until: Instant | null }
export type Lease = { readonly owner: string; readonly until: Instant }

/** Events as the texts they would be in a database; maps keep the order of arrival. */
export type Store = {
  readonly log: string[]
  readonly streams: Map<StreamName, readonly string[]>
  readonly heads: Map<StreamName, Head>
  readonly blobs: Map<Sha256, Uint8Array>
  readonly effects: Map<EffectKey, KeptEffect>
  readonly leases: Map<StreamName, Lease>
  readonly deliveries: Map<string, KeptDelivery>
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
  }
}

export function standingIn(store: Store): Standing {
  return {
    pos: store.log.length,
    heads: store.heads,
    effects: new Map([...store.effects].map(([key, { status }]) => [key, status])),
    deliveries: new Map([...store.deliveries].map(([id, { status }]) => [id, status])),
  }
}
