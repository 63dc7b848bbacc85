import type { EffectQueue, ListedEffect, TakenEffect } from '../../app/ledger.ts'
import type { Instant, StreamName } from '../../domain/ids.ts'
import { later } from './instant.ts'
import type { KeptEffect, Store } from './memory-store.ts'
import { toBody } from './rows.ts'
import type { Wakeup } from './wakeup.ts'

/** The effects of a memory ledger. */
export function memoryQueue(store: Store, { call, wait }: Wakeup): EffectQueue {
  return {
    async take(owner, now, leaseMs) {
      const next = takeable(store)
        .filter(({ effect, readyAt }) => readyAt <= now && !isLeased(store, effect.stream, now))
        .sort(byTurn)
        .at(0)
      if (next === undefined) return undefined
      store.leases.set(next.effect.stream, { owner, until: later(now, leaseMs) })
      return toTaken(next)
    },
    async attempt(key, owner, now) {
      const entry = openEffect(store, key)
      const lease = entry && store.leases.get(entry.effect.stream)
      if (entry === undefined || lease?.owner !== owner || lease.until <= now) return false
      store.effects.set(key, { ...entry, status: 'attempted', attempts: entry.attempts + 1 })
      return true
    },
    async retryAt(key, dueAt, reason) {
      const entry = openEffect(store, key)
      if (entry !== undefined) store.effects.set(key, { ...entry, status: 'due', readyAt: dueAt, reason })
      return entry !== undefined
    },
    ...leasesOf(store, call),
    list: async (stream) =>
      [...store.effects.values()]
        .filter(({ effect }) => effect.stream === stream)
        .sort(byPlace)
        .map(toListed),
    waitForWork: wait,
    nextDue: async () =>
      takeable(store)
        .map((entry) => freeAt(store, entry))
        .sort()
        .at(0),
  }
}

function leasesOf(store: Store, released: () => void): Pick<EffectQueue, 'renew' | 'release'> {
  return {
    async renew(stream, owner, until) {
      if (store.leases.get(stream)?.owner !== owner) return false
      store.leases.set(stream, { owner, until })
      return true
    },
    async release(stream, owner) {
      if (store.leases.get(stream)?.owner === owner) store.leases.delete(stream)
      released()
    },
  }
}

/** The first open effect of each stream, and every open timer. */
function takeable(store: Store): readonly KeptEffect[] {
  const timers: KeptEffect[] = []
  const firsts = new Map<StreamName, KeptEffect>()
  for (const entry of store.effects.values()) {
    if (!isOpen(entry)) continue
    const first = firsts.get(entry.effect.stream)
    if (entry.effect.dueAt !== null) timers.push(entry)
    else if (first === undefined || byPlace(entry, first) < 0) firsts.set(entry.effect.stream, entry)
  }
  return [...timers, ...firsts.values()]
}

function openEffect(store: Store, key: string): KeptEffect | undefined {
  const entry = store.effects.get(key)
  return entry !== undefined && isOpen(entry) ? entry : undefined
}

function isOpen({ status }: KeptEffect): boolean {
  return status === 'due' || status === 'attempted'
}

function isLeased(store: Store, stream: StreamName, now: Instant): boolean {
  const lease = store.leases.get(stream)
  return lease !== undefined && lease.until > now
}

function freeAt(store: Store, { effect, readyAt }: KeptEffect): Instant {
  const until = store.leases.get(effect.stream)?.until
  return until !== undefined && until > readyAt ? until : readyAt
}

function byPlace(a: KeptEffect, b: KeptEffect): number {
  return a.seq - b.seq || a.ordinal - b.ordinal
}

function byTurn(a: KeptEffect, b: KeptEffect): number {
  return compare(a.readyAt, b.readyAt) || compare(a.effect.stream, b.effect.stream) || byPlace(a, b)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function toTaken({ effect, body, attempts }: KeptEffect): TakenEffect {
  return { ...effect, body: toBody(effect.key, body), attempts }
}

function toListed(entry: KeptEffect): ListedEffect {
  const { status, readyAt, reason } = entry
  return { ...toTaken(entry), status, readyAt, reason }
}
