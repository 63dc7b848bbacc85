import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Probot } from 'probot'
import type { Inbox } from '../../app/ledger.ts'
import type { Clock } from '../../app/ports.ts'
import { NotStrictJson, parseStrictJson } from '../../domain/strict-json.ts'
import { repositoryOf, semanticKey } from './meaning.ts'
import { isWebhookEvent, toWebhook, type Webhook, type WebhookEvent } from './webhook-shapes.ts'

export const WEBHOOK_PATH = '/api/github/webhooks'
const LAST_WORDS_MS = 1000

/** GitHub caps a webhook's body at 25 MB. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024

type BodyRead =
  | { readonly is: 'whole'; readonly bytes: Uint8Array }
  | { readonly is: 'too-large' | 'too-slow' | 'too-many' | 'broken' }

export type IngressOptions = {
  readonly probot: Probot
  readonly inbox: Pick<Inbox, 'receive'>
  readonly clock: Clock
  /** Reads a body of at most so many bytes, and no more bodies at a time than memory bears: nothing is known about who sends them. */
  readonly readBody: (request: IncomingMessage, mostBytes: number) => Promise<BodyRead>
  /** Wakes whoever works through the inbox. */
  readonly onPersisted: () => void
  /** Told when a delivery could not be kept; the sender hears nothing of it. */
  readonly onFault: (error: unknown) => void
}

/** Answers a request for the webhook path; false when the request is for something else. */
export type Ingress = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/**
 * Stands in front of everything that GitHub sends. The signature covers the body alone, so the event's name is held
 * against the body's shape, and news that was heard before is recognised by its meaning as well as by its delivery id.
 */
export function githubIngress(options: IngressOptions): Ingress {
  return async (request, response) => {
    if (pathOf(request) !== WEBHOOK_PATH) return false
    try {
      await answer(request, response, await receive(options, request))
    } catch (error) {
      options.onFault(error)
      await answer(request, response, { status: 500, text: '' })
    }
    return true
  }
}

type Answer = { readonly status: number; readonly text: string; readonly hangUp?: true }
type Head = { readonly event: string; readonly deliveryId: string; readonly signature: string }

async function receive(options: IngressOptions, request: IncomingMessage): Promise<Answer> {
  const head = readHead(request)
  if ('status' in head) return { ...head, hangUp: true }
  const body = await options.readBody(request, MAX_BODY_BYTES)
  if (body.is !== 'whole') return unread[body.is]
  if (!(await isSigned(options.probot, head, body.bytes))) return { status: 401, text: 'the signature is not valid' }
  if (!isWebhookEvent(head.event)) return { status: 202, text: 'ignored' }
  const webhook = readWebhook(head.event, body.bytes)
  if (webhook === undefined) return { status: 400, text: 'the body is not that of this event' }
  if (webhook.event === 'ping') return { status: 200, text: 'pong' }
  return keep(options, { head, webhook, payload: body.bytes })
}

const unread: { readonly [K in Exclude<BodyRead['is'], 'whole'>]: Answer } = {
  'too-large': { status: 413, text: 'the body is too large', hangUp: true },
  'too-slow': { status: 408, text: 'the body did not arrive in time', hangUp: true },
  'too-many': { status: 503, text: '', hangUp: true },
  broken: { status: 400, text: 'the body broke off', hangUp: true },
}

function readHead({ method, headers }: IncomingMessage): Head | Answer {
  if (method !== 'POST') return { status: 405, text: 'POST only' }
  if (!isJson(headers['content-type'])) return { status: 415, text: 'JSON only' }
  const event = matching(headers['x-github-event'], /^[a-z_]{1,64}$/)
  if (event === undefined) return { status: 400, text: 'X-GitHub-Event is missing' }
  const deliveryId = matching(headers['x-github-delivery'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  if (deliveryId === undefined) return { status: 400, text: 'X-GitHub-Delivery is not a GUID' }
  const signature = matching(headers['x-hub-signature-256'], /^sha256=[0-9a-f]{64}$/)
  if (signature === undefined) return { status: 401, text: 'X-Hub-Signature-256 is missing' }
  return { event, deliveryId: deliveryId.toLowerCase(), signature }
}

function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json\s*(;|$)/i.test(contentType)
}

function matching(header: string | string[] | undefined, shape: RegExp): string | undefined {
  return typeof header === 'string' && shape.test(header) ? header : undefined
}

/** GitHub signs bytes that are UTF-8; a body that is not cannot be one of its own. */
async function isSigned(probot: Probot, { signature }: Head, bytes: Uint8Array): Promise<boolean> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return text !== '' && probot.webhooks.verify(text, signature)
}

function readWebhook(event: WebhookEvent, bytes: Uint8Array): Webhook | undefined {
  try {
    return toWebhook(event, parseStrictJson(bytes))
  } catch (error) {
    if (error instanceof NotStrictJson) return undefined
    throw error
  }
}

type Kept = { readonly head: Head; readonly webhook: Webhook; readonly payload: Uint8Array }

async function keep(options: IngressOptions, { head, webhook, payload }: Kept): Promise<Answer> {
  const outcome = await options.inbox.receive({
    deliveryId: head.deliveryId,
    repository: repositoryOf(webhook),
    event: webhook.event,
    semanticKey: semanticKey(webhook),
    payload,
    receivedAt: options.clock.now(),
  })
  if (outcome === 'new') options.onPersisted()
  return { status: 200, text: outcome === 'new' ? 'kept' : 'known already' }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, hangUp }: Answer,
): Promise<void> {
  const over = Promise.withResolvers<void>()
  response.once('close', over.resolve)
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'POST' } : {}),
    ...(hangUp === true ? { connection: 'close' } : {}),
  })
  if (text === '') response.flushHeaders()
  else response.write(text)
  if (hangUp === true) await lastWords(request)
  response.end(over.resolve)
  await over.promise
}

/** Hanging up on somebody who still sends would cost them the answer; what they send meanwhile is thrown away. */
async function lastWords(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  request.once('end', resolve)
  request.once('close', resolve)
  AbortSignal.timeout(LAST_WORDS_MS).addEventListener('abort', () => resolve())
  request.resume()
  await promise
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}
