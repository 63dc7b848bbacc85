import { createHmac, randomUUID } from 'node:crypto'

/** One attempt to deliver an event to the App. */
export type Delivery = {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly deliveredAt: string
  readonly redelivery: boolean
  /** What the App answered, or null when nothing answered. */
  readonly statusCode: number | null
  readonly payload: unknown
  readonly repositoryId: number | null
  readonly installationId: number | null
}

export type Webhooks = {
  /** Queues an event; events are delivered one after another, in this order. */
  send(event: string, payload: object): void
  /** Queues the same delivery again, with its GUID. False when there is no such delivery. */
  redeliver(id: number): boolean
  readonly deliveries: readonly Delivery[]
  setUrl(url: string | undefined): void
  /** Resolves when everything queued so far has been delivered or has failed. */
  settled(): Promise<void>
}

type WebhookOptions = {
  readonly secret: string
  readonly appId: number
  readonly url: string | undefined
}

const HOOK_ID = 480_001
const FIRST_DELIVERY_ID = 9_100_000_001
const PATIENCE_MS = 10_000

export function startWebhooks(options: WebhookOptions): Webhooks {
  const deliveries: Delivery[] = []
  let url = options.url
  let queue: Promise<void> = Promise.resolve()

  const deliver = async (event: string, payload: object, again: Delivery | undefined): Promise<void> => {
    const guid = again?.guid ?? randomUUID()
    const id = FIRST_DELIVERY_ID + deliveries.length
    const statusCode = url === undefined ? null : await post(options, { url, event, guid, payload })
    deliveries.push({ ...described(event, payload), id, guid, redelivery: again !== undefined, statusCode })
  }
  const enqueue = (event: string, payload: object, again?: Delivery) => {
    queue = queue.then(() => deliver(event, payload, again))
  }
  return {
    deliveries,
    send: (event, payload) => {
      enqueue(event, structuredClone(payload))
    },
    redeliver: (id) => {
      const earlier = deliveries.find((delivery) => delivery.id === id)
      if (typeof earlier?.payload !== 'object' || earlier.payload === null) return false
      enqueue(earlier.event, earlier.payload, earlier)
      return true
    },
    setUrl: (next) => {
      url = next
    },
    settled: async () => {
      let seen: Promise<void>
      do {
        seen = queue
        await seen
      } while (seen !== queue)
    },
  }
}

const described = (event: string, payload: object) => ({
  event,
  action: 'action' in payload && typeof payload.action === 'string' ? payload.action : null,
  deliveredAt: new Date().toISOString(),
  payload,
  repositoryId: idIn(payload, 'repository'),
  installationId: idIn(payload, 'installation'),
})

type Post = { readonly url: string; readonly event: string; readonly guid: string; readonly payload: object }

async function post(options: WebhookOptions, { url, event, guid, payload }: Post): Promise<number | null> {
  const body = JSON.stringify(payload)
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/local',
        'x-github-event': event,
        'x-github-delivery': guid,
        'x-github-hook-id': String(HOOK_ID),
        'x-github-hook-installation-target-id': String(options.appId),
        'x-github-hook-installation-target-type': 'integration',
        'x-hub-signature-256': `sha256=${createHmac('sha256', options.secret).update(body).digest('hex')}`,
      },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return null
  }
}

function idIn(payload: object, key: string): number | null {
  const part: unknown = Reflect.get(payload, key)
  return typeof part === 'object' && part !== null && 'id' in part && typeof part.id === 'number' ? part.id : null
}
