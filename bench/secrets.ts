import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Hex } from '../src/domain/hash.ts'
import { secretFilter } from '../src/domain/secrets/secret-filter.ts'
import type { Benchmark, Comparison } from './compare.ts'

const MIB = 1024 ** 2
const ROOT = join(import.meta.dirname, '..')

/** What a server knows: a few tokens of its own, which stand in none of these texts. */
const known = ['PRIVATE', 'WEBHOOK', 'MODEL'].map((kind) => ({ kind, value: `${sha256Hex(kind)}-${kind}` }))

export const secrets: Benchmark = {
  says: 'the outbound gate over one MiB of ordinary text, in time of the processor, beside the hash of the same bytes',
  budgetMs: 20_000,
  async open() {
    const lines = Array.from({ length: 20_000 }, (_, at) => `  ✓ test/part-${at}.test.ts (12 tests) ${at} ms\n`)
    const texts = [
      { about: 'sources', bytes: filesBelow(join(ROOT, 'src')) },
      { about: 'the log of a test run', bytes: Buffer.from(lines.join('')) },
      { about: 'recorded events', bytes: filesBelow(join(ROOT, 'test/golden')) },
    ]
    return { comparisons: texts.map(comparisonOf), close: async () => {} }
  },
}

function comparisonOf({ about, bytes }: { readonly about: string; readonly bytes: Buffer }): Comparison {
  const text = repeated(bytes)
  const filter = secretFilter(known)
  const contenders = [
    { name: 'SHA-256', run: () => sha256Hex(text) },
    { name: 'secret filter', run: () => filter.find(text) },
  ]
  return { about, unit: 'MiB', items: 1, clock: 'processor', contenders }
}

function filesBelow(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))))
}

function repeated(bytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(MIB / bytes.length) }, () => bytes)).subarray(0, MIB)
}
