import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLedger } from '../../src/adapters/ledger/open.ts'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { openCheckpoint } from '../../src/app/checkpoints.ts'
import { toUtf8 } from '../../src/domain/patch/bytes.ts'
import { composeServer } from '../../src/entry/compose.ts'
import { readEnvironment } from '../../src/entry/environment.ts'
import { putReadyLedger } from '../support/ready-ledger.ts'

const data = mkdtempSync(join(tmpdir(), 'agentos-server-log-'))
beforeAll(() => putReadyLedger(data))
afterAll(() => rmSync(data, { recursive: true }))

it('the log of a server knows its other secrets and the signing key that it has made itself', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const given = {
    AGENTOS_DATA: data,
    APP_ID: '7',
    PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    WEBHOOK_SECRET: 'what-GitHub-signs-with-83',
    GITHUB_API_URL: 'http://127.0.0.1:1',
    PORT: '0',
  }
  const clock = { now: () => '2026-11-22T00:00:00.000Z' }
  const lines: string[] = []
  const server = await composeServer({
    env: readEnvironment(given),
    process: given,
    log: (filter) => (_level, message) => void lines.push(filter.text(message)),
    clock,
    paused: true,
  })
  try {
    server.log('info', `${readFileSync(join(data, 'signing-key'), 'utf8').trim()} ${given.WEBHOOK_SECRET}`, {})
    expect(lines).toContain('[secret removed: AGENTOS_SIGNING_KEY] [secret removed: WEBHOOK_SECRET]')
  } finally {
    await server.close()
  }
})

it('what a server recorded is signed to its end when it was ended', async () => {
  const { ledger, checkpoints, close } = await openLedger({ dataDir: data })
  const opened = openCheckpoint(toUtf8((await checkpoints.newest()) ?? ''), { open: openEnvelope, trusted: null })
  expect(opened).toMatchObject({ ok: true, value: { size: (await ledger.head())?.pos } })
  await close()
})
