import { describe, expect, test } from 'vitest'
import { discreetFetch } from '../../src/adapters/github/discreet-fetch.ts'
import { memoryLedger } from '../../src/adapters/ledger/memory.ts'
import { cleanPerformed } from '../../src/app/outbound/clean-performed.ts'
import { discreetModel } from '../../src/app/outbound/discreet-model.ts'
import { discreetStore } from '../../src/app/outbound/discreet-store.ts'
import { WillNotWork } from '../../src/app/ports.ts'
import { secretsGate } from '../../src/domain/gates/secrets.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { SALT_BYTES, toDocument, toQuoting } from '../../src/domain/packs/documents.ts'
import { concatBytes, toUtf8 } from '../../src/domain/patch/bytes.ts'
import { chain } from '../../src/domain/run/envelope.ts'
import { secretFilter } from '../../src/domain/secrets/secret-filter.ts'
import { canaries, knownCanaries } from '../support/canaries.ts'

const filter = secretFilter(knownCanaries)
const secret = canaries[0]?.value ?? ''
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8')

describe('the store', () => {
  const memory = memoryLedger()
  const store = discreetStore(memory, filter)

  test('keeps a delivery without the secrets in it', async () => {
    const payload = toUtf8(JSON.stringify({ comment: { id: 1, body: `/agentos plan ${secret}` } }))
    const about = { repository: '1', event: 'issue_comment', semanticKey: 'k', receivedAt: '2026-11-22T00:00:00.000Z' }
    await store.inbox.receive({ deliveryId: 'd', ...about, payload })
    const taken = await memory.inbox.next('me', '2026-11-22T00:00:01.000Z', 1000)
    expect(JSON.parse(text(taken?.payload))).toEqual({
      comment: { id: 1, body: '/agentos plan [secret removed: github-token]' },
    })
  })

  test('refuses what was not cleaned, and names the kind alone', async () => {
    const append = { expect: [], events: [], effects: [], blobs: [toDocument({ said: `x ${secret}` })] }
    const refused = store.ledger.append(append)
    await expect(refused).rejects.toBeInstanceOf(WillNotWork)
    await expect(refused).rejects.toThrow('holds a secret (github-token)')
    await expect(refused).rejects.not.toThrow(secret)
  })

  test('keeps the bytes of a JSON file that a draft on record names, and refuses what only says it is one', async () => {
    const file = toDocument({ token: secret })
    const contents = [{ blob: 'a'.repeat(40), sha256: file.sha256, bytes: file.bytes.length }]
    const draft = toDocument({ v: 1, contents })
    const events = chain('run/r', undefined, [
      {
        kind: 'input',
        type: 'EffectSettled',
        v: 1,
        data: { draft: draft.sha256 },
        by: 'agentos',
        at: '2026-11-22T00:00:00.000Z',
      },
    ])
    const expected = [{ stream: 'run/r', seq: 0 }]
    const kept = { expect: expected, events, effects: [], blobs: [draft, file] }
    expect(await store.ledger.append(kept)).toMatchObject({ is: 'appended' })
    expect(await memory.ledger.blob(file.sha256)).toEqual(file.bytes)
    await expect(store.ledger.append({ ...kept, expect: [], events: [] })).rejects.toBeInstanceOf(WillNotWork)
  })
})

test('what a performer brings back is cleaned and named by what is left, but for the bytes of files', () => {
  const pack = toDocument({ v: 1, text: `see ${secret}` })
  const file = { sha256: sha256Hex(toUtf8(secret)), bytes: toUtf8(secret) }
  const clean = cleanPerformed(filter, { result: { tree: 't', pack: pack.sha256 }, blobs: [pack, file] })
  const left = toDocument({ v: 1, text: 'see [secret removed: github-token]' })
  expect(clean).toEqual({ result: { tree: 't', pack: left.sha256 }, blobs: [left, file] })
})

test('a salted document is cleaned behind its salt', () => {
  const { sha256, bytes } = toQuoting({ v: 1, text: `see ${secret}` }, new Uint8Array(SALT_BYTES).fill(5))
  const { result, blobs } = cleanPerformed(filter, { result: { pack: sha256 }, blobs: [{ sha256, bytes }] })
  const left = toUtf8('{"text":"see [secret removed: github-token]","v":1}')
  const [kept] = blobs
  expect(kept?.bytes).toEqual(concatBytes([bytes.subarray(0, SALT_BYTES), left]))
  expect(result).toEqual({ pack: kept?.sha256 })
})

test('a model is sent no secret, and of its answer none is kept', async () => {
  const seen: string[] = []
  const model = discreetModel(
    {
      host: 'h',
      name: 'm',
      ask: async (call) => {
        seen.push(JSON.stringify(call))
        const said = { is: 'text', text: `{"a":"${secret}"}`, model: 'm', inputTokens: 1, outputTokens: 1 } as const
        return { is: 'answered', sent: new Uint8Array(), received: toUtf8(`{"b":"${secret}"}`), said }
      },
    },
    filter,
  )
  const said = await model.ask({
    instructions: `i ${secret}`,
    messages: [{ role: 'user', text: JSON.stringify({ file: secret }) }],
    protocol: 'chat',
    maxOutputTokens: 9,
  })
  expect(seen.join('')).not.toContain(secret)
  expect(JSON.stringify(said)).not.toContain(secret)
  expect(text(said.is === 'answered' ? said.received : undefined)).toBe('{"b":"[secret removed: github-token]"}')
})

describe('the last gate before GitHub', () => {
  const sent: string[] = []
  const send = discreetFetch(async (_input, init) => {
    sent.push(typeof init?.body === 'string' ? init.body : '')
    return new Response('{}')
  }, filter)
  const post = (path: string, body: object) =>
    send(`https://api.github.com/repos/o/r${path}`, { method: 'POST', body: JSON.stringify(body) })

  test('cleans a comment', async () => {
    await post('/issues/1/comments', { body: `look: ${secret}` })
    expect(sent.at(-1)).toBe('{"body":"look: [secret removed: github-token]"}')
  })

  test.each([
    ['/git/commits', { message: `fix\n\n${secret}` }],
    ['/git/trees', { tree: [{ path: `src/${secret}.js` }] }],
    ['/git/refs', { ref: `refs/heads/${secret}` }],
  ])('refuses what would be committed, and alters nothing: %s', async (path, body) => {
    const before = sent.length
    await expect(post(path, body)).rejects.toBeInstanceOf(WillNotWork)
    expect(sent).toHaveLength(before)
  })
})

describe('the gate secrets', () => {
  const found = { kind: 'github-token', path: 'test/fixtures/a.txt', line: 3 }
  const allow = (path: string, kinds: string[]) => ({ secrets: [{ path, kinds }] })
  test.each([
    ['what nobody looked at', undefined, {}, 'blocked'],
    ['a secret', [found], {}, 'blocked'],
    ['a secret allowed in another file', [found], allow('test/fixtures/b.txt', ['github-token']), 'blocked'],
    ['a secret where another kind is allowed', [found], allow('test/fixtures/a.txt', ['jwt']), 'blocked'],
    ['a secret allowed by path and kind', [found], allow('test/fixtures/a.txt', ['github-token']), 'passed'],
    ['none', [], {}, 'passed'],
  ] as const)('%s', (_, secrets, policy, is) => {
    expect(secretsGate.judge({ secrets, policy }).is).toBe(is)
  })
})
