import { describe, expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { replay } from '../../../src/app/replay.ts'
import { verifyEvidence } from '../../../src/app/verify.ts'
import { parseCanonical } from '../../../src/domain/canonical.ts'
import { hashOf, sha256Hex } from '../../../src/domain/hash.ts'
import { textStart } from '../../../src/domain/packs/documents.ts'
import type { Question } from '../../../src/domain/packs/question-pack.ts'
import { fromUtf8, toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { aQuestion } from '../../support/a-question.ts'
import { asksModel } from '../../support/asks-model.ts'
import { controller } from '../../support/builders.ts'
import {
  allSettled,
  amended,
  answered,
  claimed,
  erased,
  evidenceOf,
  given,
  handedOver,
  merged,
  type Play,
  requested,
  reviewed,
  statusAsked,
  world,
} from '../../support/given.ts'

const QUESTION: Question = aQuestion({
  about: 'tree',
  text: 'Which tree?',
})

const tried = [claimed(), handedOver(), allSettled]

/** A run that heard people in every way, and a model; null as an earlier release recorded it. */
function heard(quotes: 'salted' | null): Play {
  const form = quotes === null ? {} : { quotes }
  const asking = world((it) => {
    it.questions = [QUESTION]
  })
  const asked = requested({ ...form, words: { title: 'Oaks', body: 'They are old.', text: 'Cut them' } })
  const begun = [asking, asked, allSettled, answered({ q1: 'the oak' }), asksModel(2), allSettled, ...tried]
  return given(...begun).when(
    amended({ text: 'and the elm' }),
    allSettled,
    ...tried,
    reviewed({ text: 'Mind the fence', login: 'lee' }),
    allSettled,
    ...tried,
    merged,
    allSettled,
  ).play
}

const HASH = /[0-9a-f]{64}/g
/** What was sent and answered is no document. */
const TOLD = ['the bytes of a request', 'the bytes of an answer']

/** Nothing at all, and the name of a program, of which receipts hold a hash. */
const NOBODYS: ReadonlySet<string> = new Set([hashOf({}), sha256Hex(''), hashOf('npm')])

/** The names that somebody can make who knows what was erased to the letter, and no salt: of each text and of each part of it. */
function guesses(texts: readonly Uint8Array[]): ReadonlySet<string> {
  const parts = texts.flatMap((bytes) => {
    const start = textStart(bytes)
    return start === undefined ? [] : within(withoutSalt(parseCanonical(fromUtf8(bytes.subarray(start)) ?? '')))
  })
  const strings = [...TOLD, ...parts.filter((part) => typeof part === 'string')]
  return new Set([...parts.map(hashOf), ...strings.map((text) => sha256Hex(toUtf8(text)))])
}

/** Nobody guesses the salt of intended effects. */
function withoutSalt(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('salt' in value)) return value
  const { salt: _salt, ...rest } = value
  return rest
}

function within(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? [value] : []
  return [value, ...Object.values(value).flatMap(within)]
}

/** Every hash that is left in the log and in what stands beside it, also inside of what was signed. */
function left({ events, shelf }: Play): ReadonlySet<string> {
  const beside = [...shelf.blobs.values()].map((bytes) => fromUtf8(bytes) ?? '')
  const signed = beside.map((text) => {
    const value = parseCanonical(text)
    const payload = typeof value === 'object' && value !== null && 'payload' in value ? value['payload'] : ''
    return typeof payload === 'string' ? Buffer.from(payload, 'base64').toString() : ''
  })
  return new Set([JSON.stringify(events), ...beside, ...signed].join(' ').match(HASH))
}

/** What of a run's texts can still be seen to be guessed right after all of them were erased. */
function provable(play: Play): readonly string[] {
  const whole = new Map(play.shelf.blobs)
  erased(play)
  const gone = [...whole].filter(([sha256]) => !play.shelf.blobs.has(sha256)).map(([, bytes]) => bytes)
  expect(gone.length).toBeGreaterThan(50)
  const hashes = left(play)
  return [...guesses(gone)].filter((hash) => hashes.has(hash) && !NOBODYS.has(hash))
}

test('whoever knows every word to the letter can prove none of it once the texts were erased', () => {
  expect(provable(heard('salted'))).toEqual([])
})

test('a run of an earlier release still shows each of its texts to whoever guesses it', () => {
  expect(provable(heard(null)).length).toBeGreaterThan(50)
})

describe('a run whose texts are salted', () => {
  const play = heard('salted')

  test('is decided again byte for byte, and its evidence is valid, before and after it was erased', async () => {
    const check = async () =>
      verifyEvidence(toUtf8(await evidenceOf(play)), { open: openEnvelope, trusted: [controllerKey(controller)] })
    expect(replay({ events: play.events, documents: play.shelf.documents })).toMatchObject({ same: true })
    expect(await check()).toMatchObject({ valid: true, phase: 'merged' })
    erased(play)
    statusAsked()(play)
    const again = replay({ events: play.events, documents: play.shelf.documents })
    expect(again).toMatchObject({ same: true, state: play.state })
    expect(await check()).toMatchObject({ valid: true, phase: 'merged' })
  })
})
