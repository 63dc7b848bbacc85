import type { Context } from 'hono'
import type { z } from 'zod'
import type { JobDesk, JobRefused } from '../../app/job-desk.ts'
import { BlobName, ClaimRequest, DeliveryReport, MAX_BLOB_BYTES, StepReport } from '../../app/runner/protocol.ts'
import { type Sha256, sha256Hex } from '../../domain/hash.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { json, refusal } from './answers.ts'
import type { BodyRead } from './body.ts'
import type { Exchange, Route } from './exchange.ts'
import { bearerIn } from './read-access.ts'

const MAX_JSON_BYTES = 1024 * 1024
const MAX_DELIVERY_BYTES = 24 * 1024 * 1024

/** What a job says to the controller. Who it is and what it may do is the desk's to judge; here its words get their shape. */
export function runnerRoutes(desk: JobDesk): readonly Route[] {
  return [
    {
      path: '/api/runner/claim',
      methods: { POST: posted(MAX_JSON_BYTES, ClaimRequest, (token, body) => desk.claim(token, body)) },
    },
    {
      path: '/api/runner/steps',
      methods: { POST: posted(MAX_JSON_BYTES, StepReport, (token, body) => desk.step(token, body)) },
    },
    {
      path: '/api/runner/deliver',
      methods: { POST: posted(MAX_DELIVERY_BYTES, DeliveryReport, (token, body) => desk.deliver(token, body)) },
    },
    {
      path: '/api/runner/blobs/:sha256',
      methods: {
        GET: asJob((job) => blobAnswer(desk, job)),
        PUT: asJob((job) => storeAnswer(desk, job)),
      },
    },
  ]
}

type Job = { readonly token: string; readonly context: Context<Exchange> }

function asJob(answer: (job: Job) => Promise<Response>): (context: Context<Exchange>) => Promise<Response> {
  return async (context) => {
    const token = bearerIn(context.req.header('authorization'))
    if (token !== undefined) return answer({ token, context })
    const error = {
      rule: 'no-token',
      because: 'the request has no bearer token',
      next: 'send the OIDC token of the job',
    }
    return refusal(401, error, { 'www-authenticate': 'Bearer' })
  }
}

function posted<T, A>(
  mostBytes: number,
  schema: z.ZodType<T>,
  take: (token: string, request: T) => Promise<Result<A, JobRefused>>,
) {
  return asJob(async ({ token, context }) => {
    const body = await context.env.body(mostBytes)
    if (body.is !== 'whole') return unread(body.is)
    const request = parse(body.bytes, schema)
    return request.ok ? answered(await take(token, request.value), (taken) => json(taken)) : request.refusal
  })
}

async function blobAnswer(desk: JobDesk, { token, context }: Job): Promise<Response> {
  const name = blobName(context)
  if (!name.ok) return name.refusal
  const headers = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' }
  return answered(await desk.readBlob(token, name.value), (bytes) => new Response(Uint8Array.from(bytes), { headers }))
}

async function storeAnswer(desk: JobDesk, { token, context }: Job): Promise<Response> {
  const name = blobName(context)
  if (!name.ok) return name.refusal
  const body = await context.env.body(MAX_BLOB_BYTES)
  if (body.is !== 'whole') return unread(body.is)
  if (sha256Hex(body.bytes) !== name.value) {
    return refusal(422, {
      rule: 'blob-hash',
      because: 'the bytes do not have the SHA-256 that the address names',
      next: 'send them again',
    })
  }
  return answered(await desk.storeBlob(token, name.value, body.bytes), (taken) => json(taken))
}

function blobName(context: Context<Exchange>): Result<Sha256, Response> {
  const name = BlobName.safeParse(context.req.param('sha256'))
  if (name.success) return ok(name.data)
  return refuse(
    refusal(422, {
      rule: 'blob-name',
      because: 'a blob is named by 64 lower-case hex digits',
      next: 'name it by its SHA-256',
    }),
  )
}

function answered<T>(result: Result<T, JobRefused>, toResponse: (value: T) => Response): Response {
  return result.ok ? toResponse(result.value) : refusal(result.refusal.status, result.refusal.error)
}

const UNREAD = {
  'too-large': { status: 413, because: 'the body is too large', next: 'send less' },
  'too-slow': { status: 408, because: 'the body did not arrive in time', next: 'send it again' },
  'too-many': { status: 503, because: 'too much is being received at once', next: 'send it again later' },
  broken: { status: 400, because: 'the body broke off', next: 'send it again' },
} as const

function unread(is: Exclude<BodyRead['is'], 'whole'>): Response {
  const { status, because, next } = UNREAD[is]
  return refusal(status, { rule: `body-${is}`, because, next })
}

function parse<T>(bytes: Uint8Array, schema: z.ZodType<T>): Result<T, Response> {
  const value = parseJson(bytes)
  if (!value.ok)
    return refuse(
      refusal(400, {
        rule: 'not-json',
        because: 'the body is not JSON in UTF-8',
        next: 'compare the versions of action and server',
      }),
    )
  const parsed = schema.safeParse(value.value)
  if (parsed.success) return ok(parsed.data)
  const at = parsed.error.issues[0]?.path.join('.') ?? ''
  const because = `the body has an unknown shape${at === '' ? '' : ` at ${at.slice(0, 200)}`}`
  return refuse(refusal(422, { rule: 'shape', because, next: 'compare the versions of action and server' }))
}

function parseJson(bytes: Uint8Array): Result<unknown, 'not-json'> {
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return refuse('not-json')
    throw error
  }
}
