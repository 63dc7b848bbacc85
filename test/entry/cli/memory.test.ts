import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { readPlanFile } from '../../../src/app/plan-file.ts'
import { deskEvents } from '../../../src/domain/desk.ts'
import { runStream } from '../../../src/domain/ids.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { MemoryPack } from '../../../src/domain/packs/memory-pack.ts'
import { chain } from '../../../src/domain/run/envelope.ts'
import { told } from '../../../src/domain/run/state.ts'
import { RUN } from '../../support/builders.ts'
import { newPlay, reviewed, story } from '../../support/given.ts'
import { putReadyLedger } from '../../support/ready-ledger.ts'
import { deskForEachTest, json } from './a-cli.ts'

const desk = deskForEachTest({
  'src/cookies.js': 'export function bakeCookie() {}\n',
  'src/tables.js': 'export function setTable() {}\n',
  '.agentos/memory/oven.md':
    '---\ntype: constraint\nscope: src/**\nexpires: 2027-01-01\n---\nNever above 220 degrees.\n',
  '.agentos/memory/bad.md': '---\ntype: rumour\n---\nThey say.\n',
})

describe('agentos memory pack', () => {
  const pack = async (...more: readonly string[]) => {
    const ended = await desk.agentos([
      'memory',
      'pack',
      '--repo',
      desk.clone,
      '--now',
      '2026-12-01T00:00:00.000Z',
      ...more,
    ])
    return { ...ended, json: ended.stdout.startsWith('{') ? json(ended.stdout) : {} }
  }

  it('shows the files that a text needs with their lines, and notes with what is wrong with others', async () => {
    const ended = await pack('--for', 'Bake a better cookie', '--json')
    expect(ended.exit).toBe(0)
    expect(ended.json).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      pack: {
        map: { budget: 24_000 },
        leftOut: [{ name: '.agentos/memory/bad.md', because: expect.stringContaining('rumour') }],
      },
    })
    expect(ended.stdout).toMatch(/"excerpts":\[\{"path":"src\/cookies.js","text":"export function bakeCookie/)
    const people = await pack('--for', 'Bake a better cookie')
    expect(people.stdout).toMatch(/left out: \.agentos\/memory\/bad\.md/)
    expect(people.stdout).toMatch(/map: .*\n {2}src\/cookies\.js {2}bakeCookie/)
  })

  it('keeps to the budget, and refuses one that is none', async () => {
    const small = await pack('--for', 'cookie', '--budget', '0', '--json')
    expect(small.json).toMatchObject({ pack: { map: { tokens: 0, files: [], excerpts: [] } } })
    expect((await pack('--budget', 'much')).exit).toBe(2)
  })

  it('leaves out a note that has expired', async () => {
    const args = ['memory', 'pack', '--repo', desk.clone, '--now', '2027-01-02T00:00:00.000Z']
    expect((await desk.agentos(args)).stdout).toContain('left out: .agentos/memory/oven.md, because it expired')
  })
})

describe('the MemoryPack that a plan pins', () => {
  const pinned = async (now: string) => {
    const asked = ['--recipe', 'replace-text', 'find=bake', 'replace=roast', 'paths=src/cookies.js']
    const out = desk.at('plan.json')
    const ended = await desk.agentos(['plan', '--repo', desk.clone, ...asked, '--now', now, '--out', out])
    expect(ended).toMatchObject({ exit: 0 })
    const opened = readPlanFile(readFileSync(out))
    if (!opened.ok) throw new Error(opened.refusal.because)
    const { plan, documents } = opened.value
    return { memory: plan.memory, pack: readDocument(documents, plan.memory, MemoryPack) }
  }
  const OVEN = '.agentos/memory/oven.md'

  it('holds a note until the day on which it expires, and from then on says that it is left out', async () => {
    const before = await pinned('2026-12-31T23:59:59.999Z')
    expect(before.pack.items).toContainEqual(expect.objectContaining({ name: OVEN, type: 'constraint' }))
    expect(before.pack.leftOut.map(({ name }) => name)).not.toContain(OVEN)

    const after = await pinned('2027-01-01T00:00:00.000Z')
    expect(after.pack.items.map(({ name }) => name)).not.toContain(OVEN)
    expect(JSON.stringify(after.pack.items)).not.toContain('220 degrees')
    expect(after.pack.leftOut).toContainEqual({
      name: OVEN,
      because: expect.stringContaining('it expired on 2027-01-01'),
    })
    expect(after.memory).not.toBe(before.memory)
  })
})

describe('agentos memory show', () => {
  it('shows a note whole, and says what is wrong with one', async () => {
    const shown = await desk.agentos(['memory', 'show', '.agentos/memory/oven.md', '--repo', desk.clone])
    expect(shown.exit).toBe(0)
    expect(shown.stdout).toMatch(/^constraint, 80 % sure, expires 2027-01-01[^]*src\/\*\*[^]*Never above 220 degrees\./)
    const bad = await desk.agentos(['memory', 'show', '.agentos/memory/bad.md', '--repo', desk.clone])
    expect(bad).toMatchObject({ exit: 1, stderr: expect.stringContaining('rumour') })
    expect((await desk.agentos(['memory', 'show', '.agentos/memory/no.md', '--repo', desk.clone])).exit).toBe(2)
    expect((await desk.agentos(['memory', 'show', 'src/cookies.js', '--repo', desk.clone])).exit).toBe(2)
  })
})

describe('what the ledger remembers', () => {
  beforeEach(async () => {
    const play = newPlay()
    for (const scene of [story.proposed, reviewed({ state: 'changes_requested', text: 'Keep the exported name.' })])
      scene(play)
    const { repository } = told(play.state.request, 'the request')
    const data = deskEvents.RunOpened.parse({ run: RUN, issue: 12, requester: '1' })
    const at = '2026-03-01T09:00:00.000Z'
    const opened = { kind: 'decision', type: 'RunOpened', v: 1, data, by: 'agentos', at } as const
    await putReadyLedger(join(desk.home, 'data'))
    const store = await openLedger({ dataDir: join(desk.home, 'data') })
    await store.ledger.append({
      expect: [
        { stream: runStream(RUN), seq: 0 },
        { stream: `desk/${repository.id}`, seq: 0 },
      ],
      events: [...play.events, ...chain(`desk/${repository.id}`, undefined, [opened])],
      effects: [],
      blobs: [...play.shelf.blobs].map(([sha256, bytes]) => ({ sha256, bytes })),
    })
    await store.close()
  })

  it('is found by its words, shown by its name and proposed as a patch that can be planned', async () => {
    const found = await desk.agentos(['memory', 'search', 'exporting', 'names', '--json'])
    expect(found.exit).toBe(0)
    expect(json(found.stdout)).toMatchObject({ items: [{ type: 'constraint', text: 'Keep the exported name.' }] })
    const [, item = ''] = /"item":"([^"]+)"/.exec(found.stdout) ?? []
    const shown = await desk.agentos(['memory', 'show', item])
    expect(shown.stdout).toContain('Keep the exported name.')

    const out = desk.at('notes.patch')
    const proposed = await desk.agentos(['memory', 'propose', RUN, '--out', out, '--json'])
    expect(proposed.exit).toBe(0)
    expect(json(proposed.stdout)).toMatchObject({ notes: [{ type: 'constraint', scope: ['src/index.js'] }] })
    const printed = await desk.agentos(['memory', 'propose', RUN])
    expect(printed.stdout).toBe(readFileSync(out, 'utf8'))
    const checked = await desk.agentos(['check', 'patch', out, '--repo', desk.clone, '--json'])
    expect(json(checked.stdout)).toMatchObject({
      decision: 'needs_approval',
      paths: [expect.stringMatching(/^\.agentos\/memory\/run-.*\.md$/)],
    })
    desk.git('apply', out)
    desk.commit('Notes')
    const pack = await desk.agentos(['memory', 'pack', '--repo', desk.clone])
    expect(pack.stdout).toMatch(/constraint {2}\.agentos\/memory\/run-/)
  })

  it('is asked for in known words: usage and unknown runs end with 2', async () => {
    expect((await desk.agentos(['memory', 'search'])).exit).toBe(2)
    expect((await desk.agentos(['memory', 'search', '--repository', 'no/body', 'x'])).exit).toBe(2)
    expect((await desk.agentos(['memory', 'propose', '1111111111'])).exit).toBe(2)
    expect((await desk.agentos(['memory', 'propose', 'x'])).exit).toBe(2)
  })

  it('is made again by ledger rebuild', async () => {
    const ended = await desk.agentos(['ledger', 'rebuild', '--json'])
    expect(json(ended.stdout)).toMatchObject({ runs: 1 })
  })
})

it('without a ledger, searching and proposing end with 5', async () => {
  expect((await desk.agentos(['memory', 'search', 'x'])).exit).toBe(5)
  expect((await desk.agentos(['memory', 'propose', RUN])).exit).toBe(5)
})
