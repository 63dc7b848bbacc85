import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { Envelope } from '../../src/domain/dsse.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import { controller } from '../support/builders.ts'
import { evidenceIn, mergedBundle } from './stories.ts'

/** The system's own Python: another one on the PATH knows nothing of Debian's packages. */
const PYTHON = '/usr/bin/python3'
const SCRIPT = join(import.meta.dirname, 'check_bundle.py')
const has = spawnSync(PYTHON, ['-c', 'import securesystemslib'], { stdio: 'ignore' }).status === 0
if (!has && process.env['CI'] === 'true')
  throw new Error('python3-securesystemslib is missing, by which bundles are to be checked: apt-get install it')

const dir = mkdtempSync(join(tmpdir(), 'agentos-independent-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const bundle = await mergedBundle()
const evidence = evidenceIn(bundle)
writeFileSync(join(dir, 'keys.json'), JSON.stringify({ keys: bundle.trusted }))

function checked(text: string | Uint8Array) {
  writeFileSync(join(dir, 'bundle.json'), text)
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, join(dir, 'bundle.json'), join(dir, 'keys.json')])
  return { status, stdout: stdout.toString(), stderr: stderr.toString() }
}

/** Every envelope among the blobs and the seal, as our own code reads them. */
function envelopes({ blobs }: Evidence): number {
  const texts = blobs.map(({ base64 }) => Buffer.from(base64, 'base64').toString())
  return 1 + texts.filter((text) => text.startsWith('{') && Envelope.safeParse(JSON.parse(text)).success).length
}

describe.skipIf(!has)('securesystemslib, or skipped because python3-securesystemslib is not installed', () => {
  test('holds every signature and statement of a merged run for good', () => {
    const { status, stdout, stderr } = checked(bundle.bytes)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const types = {
      'urn:agentos:evidence:v1': 1,
      'urn:agentos:grant:v1': expect.any(Number),
      'urn:agentos:effect-receipt:v1': expect.any(Number),
      'urn:agentos:step-receipt:v1': 4,
      'urn:agentos:delivery:v1': 2,
    }
    expect(JSON.parse(stdout)).toEqual({
      envelopes: envelopes(evidence),
      log: 121,
      events: evidence.events.length,
      types,
    })
  })

  test('finds what ours finds: another signature, another key, another event', () => {
    const { seal } = evidence
    const [signature] = seal.signatures
    const sig = Buffer.from(signature.sig, 'base64')
    sig[0] = (sig[0] ?? 0) ^ 1
    const signed = { ...signature, sig: sig.toString('base64') }
    const forged = (changes: object) => checked(canonicalJson({ ...evidence, ...changes }))
    expect(forged({ seal: { ...seal, signatures: [signed] } })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('a signature does not hold'),
    })
    const stranger = { ...signature, keyid: controller.keyid.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }
    expect(forged({ seal: { ...seal, signatures: [stranger] } }).stderr).toContain('nobody is known to have key')
    expect(forged({ events: evidence.events.slice(0, -1) }).stderr).toContain('the seal states another')
    expect(forged({ events: evidence.events.slice(1) }).stderr).toContain('event 1 does not chain')
  })
})
