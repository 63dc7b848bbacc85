import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { array, assert, constantFrom, oneof, property, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { secretFilter } from '../../../src/domain/secrets/secret-filter.ts'
import { canaries, encodings, knownCanaries } from '../../support/canaries.ts'

const filter = secretFilter(knownCanaries)
const HASH = '3f2a9c0d1e4b5a6f7081920a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e'

describe('every canary in every encoding', () => {
  test('there are at least 40 canaries and 12 encodings', () => {
    expect(canaries.length).toBeGreaterThanOrEqual(40)
    expect(Object.keys(encodings).length).toBeGreaterThanOrEqual(12)
  })

  test.each(Object.entries(encodings))('is removed: %s', (_, encode) => {
    const missed = canaries.filter(({ value }) => {
      const encoded = encode(value)
      const clean = filter.text(`before ${encoded} after`)
      return clean.includes(encoded) || !clean.includes('[secret removed: ') || filter.find(toUtf8(clean)).length > 0
    })
    expect(missed.map(({ name }) => name)).toEqual([])
  })
})

test.each(['openai', 'huggingface', 'stripe live'])(
  'a key of %s that was turned round in pieces is found before any sign',
  (name) => {
    const turned = Array.from(canaries.find((one) => one.name === name)?.value ?? '').toReversed()
    const [first, last] = [turned.slice(0, 20).join(''), turned.slice(20).join('')]
    expect(filter.text(`x "${first}" + "${last}; then" y`)).toContain('[secret removed: ')
  },
)

describe('what is no secret stays as it is', () => {
  test.each([
    '0123456789abcdef0123456789abcdef01234567',
    'sha512-3dGxXHzHrzJfSfBP2rOZV9p1aLqzQx8jyq1kMlE5Qd2m3qzX7w1b3o5r8t0u2v4x6y8z0A1B2C3D4E5F6G7H8I9J0w==',
    '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    'ghp_ tokens are used for scripts, and gho_ tokens for apps; see the documents of GitHub about them',
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----',
    'put your key between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----',
    'postgres://postgres:postgres@localhost:5432/test and https://user:${PASSWORD}@host/x',
    'Authorization: Bearer AGENTOS_READ_TOKEN',
    'http://user:pass%20pass@complex.url.com/path and http://user:secret-token@host/x',
    'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'git@github.com:acme/tidy-temp.git and https://github.com/acme/tidy-temp/pull/12',
    '.task-list-item-checkbox-container-with-some-long-name-2 { color: red }',
    'the bearer of 12 tokens can do whatever he wants in here, and a bearer must have 2 approvals before that',
    'the risk-admin of 2 levels of task-force operations, linuxapp-configuration-of-2026 and disk_test_configuration1234',
    ...['k9jdwgncsk-', 'task-', 'shelf_', 'berlin_api_', 'impul-', 'linuxapp-'].map(
      (name) => `see ${name}${HASH} there`,
    ),
  ])('%s', (text) => {
    expect(filter.text(text)).toBe(text)
    const recorded = JSON.stringify({ argv: ['git', 'checkout', text] })
    for (const code of ['base64', 'hex'] as const) {
      const encoded = JSON.stringify({ payload: Buffer.from(recorded).toString(code) })
      expect(filter.kindIn(toUtf8(encoded))).toBeUndefined()
    }
  })

  test('lockfiles, manifests of packages and golden records', () => {
    const files = [
      'package-lock.json',
      ...fs.globSync('node_modules/*/package.json'),
      ...fs.globSync('test/golden/**/*.{json,md}'),
    ]
    const found = files.filter((file) => filter.find(fs.readFileSync(file)).length > 0)
    expect(files.length).toBeGreaterThan(50)
    expect(found).toEqual([])
  })

  test('signatures, hashes, images and noise in base64 and hex', () => {
    const bytes = uint8Array({ minLength: 16, maxLength: 3000 })
    assert(
      property(bytes, (noise) => {
        for (const code of ['base64', 'base64url', 'hex', 'latin1'] as const) {
          const text = Buffer.from(noise).toString(code)
          expect(filter.text(text)).toBe(text)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a finding', () => {
  const [token] = canaries
  const secret = token?.value ?? ''

  test('names kind and place, and what is removed is exactly the secret', () => {
    expect(filter.find(toUtf8(`see ${secret}, please`))).toEqual([{ kind: 'github-token', start: 4, end: 44 }])
    expect(filter.text(`see ${secret}, please`)).toBe('see [secret removed: github-token], please')
    const inBase64 = Buffer.from(`key=${secret}`).toString('base64')
    expect(filter.text(`see ${inBase64} there`)).toMatch(/^see \S{0,8}\[secret removed: github-token\]\S{0,4} there$/)
  })

  test('is the same for a value without its first seven characters', () => {
    for (const { value, kind } of knownCanaries) expect(filter.text(`it ends in ${value.slice(7)}.`)).toContain(kind)
  })

  test('cleans once and for all, whatever stands around it where it has an edge', () => {
    const part = oneof(
      string({ unit: 'grapheme' }),
      constantFrom(...canaries.map(({ value }) => `=${value};`), ' ', '"', '+', '\n'),
    )
    assert(
      property(array(part, { maxLength: 8 }), (parts) => {
        const clean = filter.text(parts.join(''))
        expect(filter.text(clean)).toBe(clean)
        for (const { value } of canaries) expect(clean).not.toContain(value)
      }),
      { numRuns: 150 },
    )
  })

  test('in JSON leaves JSON with the same keys', () => {
    const json = JSON.stringify({
      title: `t ${secret}`,
      body: ['x', `"${secret}"\n`],
      number: 9007199254740993n.toString(),
    })
    const clean: unknown = JSON.parse(filter.json(json))
    expect(clean).toEqual({
      title: 't [secret removed: github-token]',
      body: ['x', '"[secret removed: github-token]"\n'],
      number: '9007199254740993',
    })
  })
})

test('hostile input costs no more than its length', () => {
  const costs = [
    'ghs_',
    'x://a:',
    'eyJhb.',
    '-----BEGIN PRIVATE KEY-----AAAA',
    'sk-a',
    'Bearer ',
    'Z2hw',
    '\\u0067',
    '%67',
  ].map((word) => {
    const cost = (length: number) => {
      const bytes = toUtf8(word.repeat(Math.ceil(length / word.length)))
      const before = process.cpuUsage()
      filter.find(bytes)
      return process.cpuUsage(before).user
    }
    cost(25_000)
    return cost(400_000) / Math.max(cost(50_000), 2000)
  })
  expect(Math.max(...costs)).toBeLessThan(40)
})
