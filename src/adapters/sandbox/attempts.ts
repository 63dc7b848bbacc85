import { MOST_ATTEMPTS, type NetworkAttempt, type NetworkUse } from '../../domain/receipt.ts'
import { isHostName } from './listed-hosts.ts'

/** Why the proxy let nothing through, or not all. */
export type Refusal =
  | 'not listed'
  | 'not a host name'
  | 'not a way through a proxy'
  | 'an address that is not public'
  | 'named another host inside'
  | 'named no host inside'
  | 'no TLS inside'
  | 'too many bytes'
  | 'too many connections'

export type Failure = 'no such host' | 'no connection'

/** What an attempt was for. */
export type Target = { readonly host: string; readonly port: number }

/** One attempt while it goes on. */
export type Attempt = {
  /** The other side answered; an attempt without this was never more than a try. */
  readonly reach: () => void
  readonly sent: (bytes: number) => void
  readonly received: (bytes: number) => void
  readonly end: (outcome: NetworkAttempt['outcome'], because: 'listed' | Refusal | Failure) => void
}

/** Every attempt that the proxy saw, those of one kind added up. */
export type Attempts = {
  readonly begin: (target: Target) => Attempt
  readonly use: () => NetworkUse
}

export function attemptsFor(hosts: readonly string[]): Attempts {
  const seen = new Map<string, NetworkAttempt>()
  let more = 0
  const note = (one: NetworkAttempt) => {
    const key = JSON.stringify([one.host, one.port, one.outcome, one.because])
    const known = seen.get(key)
    if (known !== undefined) seen.set(key, sum(known, one))
    else if (seen.size < MOST_ATTEMPTS) seen.set(key, one)
    else more += 1
  }
  const open = new Set<() => void>()
  return {
    begin: (target) => begin(target, note, open),
    use: () => {
      for (const end of open) end()
      const sorted = [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, attempt]) => attempt)
      return { hosts: [...hosts], attempts: sorted, more }
    },
  }
}

/** The first end counts. One that nobody ended was cut off with its command. */
function begin({ host, port }: Target, note: (one: NetworkAttempt) => void, open: Set<() => void>): Attempt {
  let [sentBytes, receivedBytes, isReached] = [0, 0, false]
  const about = { host: isHostName(host) ? host : '', port, times: 1 }
  const end: Attempt['end'] = (outcome, because) => {
    if (open.delete(cutOff)) note({ ...about, outcome, because, sentBytes, receivedBytes })
  }
  const cutOff = () => (isReached ? end('reached', 'listed') : end('failed', 'no connection'))
  open.add(cutOff)
  return {
    reach: () => {
      isReached = true
    },
    sent: (bytes) => {
      sentBytes += bytes
    },
    received: (bytes) => {
      receivedBytes += bytes
    },
    end,
  }
}

function sum(a: NetworkAttempt, b: NetworkAttempt): NetworkAttempt {
  return {
    ...a,
    times: a.times + b.times,
    sentBytes: a.sentBytes + b.sentBytes,
    receivedBytes: a.receivedBytes + b.receivedBytes,
  }
}
