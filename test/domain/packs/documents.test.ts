import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  BrokenRecord,
  documentAt,
  documentsOf,
  isSalted,
  type NewBlob,
  nameUnder,
  readDocument,
  readWords,
  SALT_BYTES,
  toDocument,
  toQuoting,
  toSalted,
  toWords,
} from '../../../src/domain/packs/documents.ts'

const VALUE = { v: 1, goal: 'Cut the oak' }
const Value = z.strictObject({ v: z.literal(1), goal: z.string() })
const [one, other] = [1, 2].map((byte) => new Uint8Array(SALT_BYTES).fill(byte))
const shown = (blob: NewBlob) => documentsOf([blob])

describe('a document that may quote people', () => {
  const blob = toQuoting(VALUE, one ?? null)

  it('reads as what it says, with its salt or without one', () => {
    for (const held of [blob, toDocument(VALUE), toQuoting(VALUE, null)]) {
      expect(readDocument(shown(held), held.sha256, Value)).toEqual(VALUE)
      expect(documentAt(shown(held), held.sha256)).toEqual(VALUE)
      expect(nameUnder(shown(held), held.sha256, VALUE)).toBe(held.sha256)
      expect(nameUnder(shown(held), held.sha256, { ...VALUE, goal: 'x' })).not.toBe(held.sha256)
    }
    expect([blob, toDocument(VALUE)].map((held) => isSalted(shown(held), held.sha256))).toEqual([true, false])
  })

  it('is the same again from the same secret, another from another, and shares its salt with none', () => {
    expect(toQuoting(VALUE, one ?? null)).toEqual(blob)
    expect(toQuoting(VALUE, null)).toEqual(toDocument(VALUE))
    const salts = [blob, toQuoting(VALUE, other ?? null), toQuoting({ v: 1, goal: '' }, one ?? null)].map(({ bytes }) =>
      Buffer.from(bytes.subarray(0, SALT_BYTES)).toString('hex'),
    )
    expect(new Set([...salts, Buffer.from(one ?? '').toString('hex')]).size).toBe(4)
  })

  it('is refused with another salt than its name was made with, with half a salt, and with two', () => {
    const bent = Uint8Array.from(blob.bytes, (byte, at) => (at === 3 ? byte ^ 1 : byte))
    const again = toSalted(blob.bytes, other ?? null)
    const half = toSalted(blob.bytes.subarray(SALT_BYTES / 2), null)
    for (const held of [{ sha256: blob.sha256, bytes: bent }, again, half])
      expect(() => readDocument(shown(held), held.sha256, Value)).toThrow(BrokenRecord)
  })
})

describe('what looks like something else', () => {
  it('is read as it stands, where that has a meaning', () => {
    const list = ['x'.repeat(SALT_BYTES - 4), VALUE]
    const held = toDocument(list)
    expect(held.bytes[SALT_BYTES]).toBe('{'.charCodeAt(0))
    expect(documentAt(shown(held), held.sha256)).toEqual(list)
    expect(isSalted(shown(held), held.sha256)).toBe(false)
  })

  it('is no words where its salt is absent, or there twice', () => {
    const twice = toSalted(toWords(VALUE, one ?? new Uint8Array()).bytes, other ?? null)
    for (const held of [toDocument(VALUE), twice])
      expect(() => readWords(shown(held), held.sha256, Value)).toThrow(BrokenRecord)
  })
})
