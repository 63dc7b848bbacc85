import type { LockFacts } from '../lock.ts'
import { conflicts } from '../lock-keys.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const lockHeldGate = defineGate<{
  readonly run: string
  readonly keys: readonly string[]
  readonly token: number | null
  readonly facts: LockFacts
  readonly now: string
}>({
  name: 'lock-held',
  redLine: 9,
  title: 'Dispatch, delivery and commit need every lock, unexpired, with the newest token',
  judge({ run, keys, token, facts, now }) {
    if (token === null) return blocked('the run holds no lock')
    for (const key of keys) {
      const own = facts.whole ?? facts.held.find((held) => held.run === run && held.key === key)
      if (own === undefined) return blocked(`the lock on ${key} is not held`)
      if (own.token !== token) return blocked(`the lock on ${key} has token ${own.token}, the run has ${token}`)
      if (own.until <= now) return blocked(`the lock on ${key} expired at ${own.until}`)
      const newer = facts.held.find((held) => held.run !== run && held.token > token && conflicts(held.key, key))
      if (newer !== undefined) return blocked(`run ${newer.run} took ${key} with a newer token`)
    }
    return passed(`${keys.length} locks held with token ${token}`)
  },
})
