import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { faultInChain } from '../../src/domain/run/envelope.ts'
import { foldRun } from '../../src/domain/run/evolve.ts'
import { absent } from '../../src/domain/run/state.ts'
import { stateHash } from '../../src/domain/run/state-hash.ts'
import { thisEngine } from '../../src/entry/engine.ts'
import { everythingFolded, HISTORIES, historyFiles, readHistory } from './fold-histories.ts'
import { histories } from './history-samples.ts'

// The histories of every version are kept for ever. Those of this version are written where they are absent.
const engine = thisEngine()
if (process.env['AGENTOS_TEST_ADD_GOLDEN'] === '1')
  for (const [name, { events, state }] of Object.entries(histories())) {
    const place = join(HISTORIES, engine.version, `${name}.json`)
    mkdirSync(dirname(place), { recursive: true })
    const text = canonicalJson({ engine, events, stateSha256: stateHash(state) })
    if (!existsSync(place)) writeFileSync(place, text)
  }

describe('recorded histories', () => {
  test('this version has its own, one of every kind', () => {
    const own = historyFiles().filter((file) => dirname(file) === engine.version)
    expect(own).toEqual(Object.keys(histories()).map((name) => join(engine.version, `${name}.json`)).sort())
  })

  test.each(historyFiles())('%s folds to the state that it had', (file) => {
    const { engine: recordedBy, events, stateSha256 } = readHistory(file)
    expect(recordedBy.version).toBe(dirname(file))
    expect(faultInChain(events[0]?.stream ?? '', events)).toBeUndefined()
    expect(stateHash(foldRun(events))).toBe(stateSha256)
  })

  test('fold to the same in every time zone, language and order of folders', { timeout: 120_000 }, async () => {
    const here = await everythingFolded()
    expect(Object.keys(here).length).toBe(historyFiles().length + 2)
    const shuffled = ['--import', new URL('shuffled-readdir.ts', import.meta.url).href]
    const turkish = { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }
    const elsewhere = await Promise.all([
      foldedIn({ TZ: 'Pacific/Chatham', ...turkish }),
      foldedIn({ TZ: 'America/St_Johns' }, shuffled),
      foldedIn({ TZ: 'UTC', ...turkish }, shuffled),
    ])
    for (const there of elsewhere) expect(there).toEqual(here)
  })
})

test('a state keeps its hash when states get more members, and loses it with everything that is told', () => {
  const [sample] = Object.values(histories())
  const state = sample?.state ?? absent
  const later = { ...state, oneDay: null, another: [], third: { fourth: false } }
  expect(stateHash(later)).toBe(stateHash(state))
  expect(stateHash({ ...state, waited: !state.waited })).not.toBe(stateHash(state))
  expect(stateHash({ ...state, asked: state.asked + 1 })).not.toBe(stateHash(state))
  expect(stateHash({ ...state, heads: [...state.heads, state.heads[0] ?? ''] })).not.toBe(stateHash(state))
})

async function foldedIn(env: Readonly<Record<string, string>>, options: readonly string[] = []): Promise<unknown> {
  const script = new URL('fold-histories.ts', import.meta.url).pathname
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [...options, script], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  return JSON.parse(stdout)
}
