import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../src/app/evidence/export.ts'
import { openBundle } from '../../src/app/evidence/open-bundle.ts'
import { auditSignatures } from '../../src/app/evidence/signed-facts.ts'
import { openStatement } from '../../src/app/runner/statements.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { Envelope } from '../../src/domain/dsse.ts'
import { Grant, GRANT_TYPE } from '../../src/domain/grant.ts'
import { hashOf } from '../../src/domain/hash.ts'
import { STEP_RECEIPT_TYPE, StepReceipt } from '../../src/domain/receipt.ts'
import { EventEnvelope, faultInChain } from '../../src/domain/run/envelope.ts'
import { isRunEventType, parseData, runEvents } from '../../src/domain/run/events.ts'
import { foldRun } from '../../src/domain/run/evolve.ts'
import { controller, runner, RUN } from '../support/builders.ts'
import { samples, stateHash } from './samples.ts'

const place = (file: string) => new URL(file, import.meta.url)
const read = (file: string) => readFileSync(place(file), 'utf8')
const parse = (file: string): unknown => JSON.parse(read(file))

// What is once recorded is read for ever: a file that is there is never written again.
if (process.env['AGENTOS_TEST_ADD_GOLDEN'] === '1')
  for (const [file, text] of Object.entries(await samples())) if (!existsSync(place(file))) writeFileSync(place(file), text)

test('canonical values keep their text and their hash', () => {
  const values = z.array(z.object({ value: z.json(), text: z.string(), sha256: z.string() })).parse(parse('canonical.json'))
  for (const { value, text, sha256 } of values) expect([canonicalJson(value), hashOf(value)]).toEqual([text, sha256])
})

test('one event of every type of the catalogue is on file and can be read', () => {
  const events = z.array(EventEnvelope).parse(parse('events.json'))
  expect(events.map((event) => event.type)).toEqual(Object.keys(runEvents).sort())
  for (const { type, data, hash, ...body } of events) {
    expect(isRunEventType(type) && canonicalJson(parseData(type, data))).toBe(canonicalJson(data))
    expect(hashOf({ ...body, type, data })).toBe(hash)
  }
})

test('the recorded golden story folds to the state that it had', () => {
  const journal = z.object({ events: z.array(EventEnvelope), stateSha256: z.string() }).parse(parse('journal.json'))
  expect(faultInChain(`run/${RUN}`, journal.events)).toBeUndefined()
  expect(stateHash(foldRun(journal.events))).toBe(journal.stateSha256)
})

test('a recorded Grant can be opened and read', () => {
  const sealed = { envelope: Envelope.parse(parse('grant.json')), publicKey: controller.publicKey }
  expect(openStatement(openEnvelope, sealed, GRANT_TYPE, Grant)).toMatchObject({ run: RUN, purpose: 'execute' })
})

test('a recorded step receipt can be opened and read', () => {
  const sealed = { envelope: Envelope.parse(parse('step-receipt.json')), publicKey: runner.publicKey }
  expect(openStatement(openEnvelope, sealed, STEP_RECEIPT_TYPE, StepReceipt)).toMatchObject({ run: RUN, purpose: 'execute', index: 0 })
})

test('recorded evidence keeps its form and its signatures', () => {
  const bundle = openBundle(new TextEncoder().encode(read('evidence.json')), { open: openEnvelope, trusted: [controllerKey(controller)] })
  if (!bundle.ok) throw new Error(`${bundle.refusal.where}: ${bundle.refusal.fault}`)
  expect(auditSignatures(bundle.value, openEnvelope)).toMatchObject({ grants: 2, stepReceipts: 4 })
})
