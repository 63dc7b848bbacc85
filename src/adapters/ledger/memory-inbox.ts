import type { Inbox } from '../../app/ledger.ts'
import { later } from './instant.ts'
import { answered, type KeptDelivery, type Store } from './memory-store.ts'
import type { Wakeup } from './wakeup.ts'

/** The deliveries of a memory ledger. */
export function memoryInbox(store: Store, { call, wait }: Wakeup): Inbox {
  return {
    async receive(delivery) {
      const known = [...store.deliveries.values()].some(
        ({ deliveryId, semanticKey }) => deliveryId === delivery.deliveryId || semanticKey === delivery.semanticKey,
      )
      if (known) return 'duplicate'
      const payload = delivery.payload.slice()
      store.deliveries.set(delivery.deliveryId, { ...delivery, payload, takes: 0, status: 'waiting', until: null })
      call()
      return 'new'
    },
    async next(owner, now, leaseMs) {
      const next = oldestOfEach(store).find(({ until }) => until === null || until <= now)
      if (next === undefined) return undefined
      const kept = { ...next, takes: next.takes + 1, until: later(now, leaseMs), owner }
      store.deliveries.set(next.deliveryId, kept)
      const { deliveryId, repository, event, semanticKey, payload, receivedAt, takes } = kept
      return { deliveryId, repository, event, semanticKey, payload: payload.slice(), receivedAt, takes }
    },
    waitForNext: wait,
    waiting: async () => [...store.deliveries.values()].filter(({ status }) => status === 'waiting').length,
    async handled(deliveryId) {
      const delivery = store.deliveries.get(deliveryId)
      if (delivery !== undefined) store.deliveries.set(deliveryId, answered(delivery))
    },
  }
}

function oldestOfEach(store: Store): readonly KeptDelivery[] {
  const oldest = new Map<string | null, KeptDelivery>()
  for (const delivery of store.deliveries.values())
    if (delivery.status === 'waiting' && !oldest.has(delivery.repository)) oldest.set(delivery.repository, delivery)
  return [...oldest.values()]
}
