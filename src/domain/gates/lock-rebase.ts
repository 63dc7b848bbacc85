import { blocked, defineGate, passed } from './gate.ts'

export const lockRebaseGate = defineGate<{
  readonly waited: boolean
  readonly planBase: string
  readonly currentBase: string
  readonly changed: readonly string[]
}>({
  name: 'lock-rebase',
  redLine: 8,
  title: 'Nothing executes where the base changed what it touches, least of all after a wait',
  judge({ waited, planBase, currentBase, changed }) {
    const past = waited ? 'the run waited for a lock' : 'the run did not wait for a lock'
    if (changed.length === 0 && planBase === currentBase) return passed(`${past} and the base did not move`)
    if (changed.length === 0) return passed(`${past}; the base moved, none of its paths did`)
    return blocked(`${past} and the base changed what it touches: ${changed.slice(0, 5).join(', ')}`)
  },
})
