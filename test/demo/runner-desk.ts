import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { freshSigner, keyidOf, openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { oidcVerifier } from '../../src/adapters/signing/oidc.ts'
import { ClaimRequest, DeliveryReport, StepReport } from '../../src/app/runner/protocol.ts'
import { sealStatement } from '../../src/app/runner/statements.ts'
import {
  type ClaimedJob,
  type VerifiedReceipt,
  verifyDelivery,
  verifyReceipt,
} from '../../src/app/runner/verify-delivery.ts'
import type { Envelope } from '../../src/domain/dsse.ts'
import { GRANT_TYPE, type Grant } from '../../src/domain/grant.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { checkJob, jobAudience } from '../../src/domain/job.ts'
import { documentsOf, type NewBlob, readDocument } from '../../src/domain/packs/documents.ts'
import { type ContentRef, Draft, Plan, type Step } from '../../src/domain/packs/plan.ts'
import type { Delivery, StepReceipt } from '../../src/domain/receipt.ts'

export const RELEASE = `agentos-dev/agentos/.github/workflows/agentos.yml@${'7'.repeat(40)}`

/** What the desk knows of one job. */
export type Case = {
  readonly grant: Grant
  envelope: Envelope
  readonly documents: readonly NewBlob[]
  readonly contents: readonly ContentRef[]
  readonly steps: readonly Step[]
  revoked: boolean
  claimedBy: string | null
  readonly receipts: Envelope[]
  chain: VerifiedReceipt | null
  delivery: Delivery | null
  delivered: readonly StepReceipt[]
  declined: string | null
}

type Answer = { readonly status: number; readonly body: object | Uint8Array }

/** A controller that keeps everything in memory and checks everything: real tokens, real signatures, over real HTTP. */
export async function startDesk(known: { readonly issuer: string; readonly botId: () => string }) {
  const [signer, retired] = [freshSigner(), freshSigner()]
  const cases = new Map<string, Case>()
  const blobs = new Map<string, Uint8Array>()
  const [waiting, watching] = [new Map<string, () => void>(), new Map<string, () => void>()]
  const state = { trusting: false }
  const faults: { status: number; times: number } = { status: 503, times: 0 }
  let url = ''
  const clock = { now: () => new Date().toISOString() }

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (faults.times > 0) {
      faults.times -= 1
      return { status: faults.status, body: {} }
    }
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    const job = await oidcVerifier({ issuer: known.issuer, publicUrl: url, clock })(token)
    if (!job.ok) return { status: 401, body: { error: job.refusal } }
    const body = await buffer(request)
    const path = request.url ?? ''
    const blob = /^\/api\/runner\/blobs\/([0-9a-f]{64})$/.exec(path)?.[1]
    if (blob !== undefined) return request.method === 'PUT' ? putBlob(blob, body) : getBlob(blob)
    if (path === '/api/runner/claim') {
      const asked = ClaimRequest.parse(JSON.parse(body.toString()))
      const found = cases.get(asked.grant)
      if (found === undefined) return no('grant-unknown', 'there is no such Grant')
      const expected = {
        issuer: known.issuer,
        trusted: [{ workflow: RELEASE, sha: null }],
        defaultBranch: 'main',
        botId: known.botId(),
        audience: jobAudience(url, keyidOf(asked.publicKey) ?? ''),
      }
      const trusted = checkJob(job.value, found.grant, expected)
      if (!trusted.ok && !state.trusting) return decline(found, trusted.refusal.rule, trusted.refusal.because)
      if (found.revoked) return decline(found, 'grant-revoked', 'the Grant was revoked')
      if (found.claimedBy !== null && found.claimedBy !== asked.publicKey)
        return decline(found, 'grant-used', 'the Grant is used up')
      found.claimedBy = asked.publicKey
      waiting.get(asked.grant)?.()
      const [subject, manifest] = found.documents.map(({ bytes }) => Buffer.from(bytes).toString('base64'))
      return { status: 200, body: { envelope: found.envelope, subject, manifest, contents: found.contents } }
    }
    if (path === '/api/runner/steps') return takeStep(body)
    if (path === '/api/runner/deliver') return takeDelivery(body)
    return no('path', 'there is nothing here')
  }

  const decline = (found: Case, rule: string, because: string): Answer => {
    found.declined = rule
    return no(rule, because)
  }
  const getBlob = (name: string): Answer => {
    const bytes = blobs.get(name)
    return bytes === undefined ? no('blob', 'there is no such blob') : { status: 200, body: bytes }
  }
  const putBlob = (name: string, bytes: Uint8Array): Answer => {
    if (sha256Hex(bytes) !== name) return no('blob', 'these bytes have another name')
    blobs.set(name, new Uint8Array(bytes))
    return { status: 200, body: { accepted: true } }
  }
  const claimedJob = (found: Case): ClaimedJob => ({
    grant: found.grant,
    steps: found.steps,
    runnerKey: found.claimedBy ?? '',
  })

  function takeStep(body: Buffer): Answer {
    const { grant, receipt } = StepReport.parse(JSON.parse(body.toString()))
    const found = cases.get(grant)
    if (found === undefined) return no('grant-unknown', 'there is no such Grant')
    const verified = verifyReceipt(openEnvelope, claimedJob(found), receipt, found.chain)
    if (!verified.ok) return decline(found, verified.refusal.rule, verified.refusal.because)
    found.chain = verified.value
    found.receipts.push(receipt)
    watching.get(grant)?.()
    return { status: 200, body: { accepted: true } }
  }

  function takeDelivery(body: Buffer): Answer {
    const { grant, delivery } = DeliveryReport.parse(JSON.parse(body.toString()))
    const found = cases.get(grant)
    if (found === undefined) return no('grant-unknown', 'there is no such Grant')
    const verified = verifyDelivery(openEnvelope, claimedJob(found), delivery, found.receipts)
    if (!verified.ok) return decline(found, verified.refusal.rule, verified.refusal.because)
    found.delivery = verified.value.delivery
    found.delivered = verified.value.receipts
    return { status: 200, body: { accepted: true } }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (given) => send(response, given),
      (error: unknown) => send(response, { status: 500, body: { message: String(error) } }),
    )
  })
  url = await listen(server)
  return {
    url,
    signer,
    /** A key of before: the workflow file still names it, the repository's keys.json says that it is retired. */
    retired,
    blobs,
    faults,
    cases,
    /** Whether claims are not looked at, as by a controller that was taken over. */
    set trusting(value: boolean) {
      state.trusting = value
    },
    /** Resolves when a job has claimed this Grant. */
    claimed: (grant: string) => new Promise<void>((resolve) => waiting.set(grant, resolve)),
    /** Resolves when a job has reported a step under this Grant. */
    stepped: (grant: string) => new Promise<void>((resolve) => watching.set(grant, resolve)),
    /** Signs a Grant for these documents and makes it known. */
    issue(grant: Grant, documents: readonly NewBlob[], signedBy = signer): Case {
      const [subject] = documents
      const read = documentsOf(documents)
      const parsed: Draft | Plan | undefined =
        subject === undefined
          ? undefined
          : grant.subject.is === 'plan'
            ? readDocument(read, subject.sha256, Plan)
            : readDocument(read, subject.sha256, Draft)
      const made: Case = {
        grant,
        documents,
        envelope: sealStatement(signedBy, GRANT_TYPE, grant.id, grant),
        contents: parsed?.contents ?? [],
        steps: parsed?.steps ?? [],
        revoked: false,
        claimedBy: null,
        receipts: [],
        chain: null,
        delivery: null,
        delivered: [],
        declined: null,
      }
      cases.set(grant.id, made)
      return made
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
export type TestDesk = Awaited<ReturnType<typeof startDesk>>

function no(rule: string, because: string): Answer {
  return { status: 409, body: { error: { rule, because, next: 'look at the run' } } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body instanceof Uint8Array) response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(body)
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return `http://127.0.0.1:${address.port}`
}
