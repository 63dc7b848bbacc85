import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openLedger } from '../../../src/adapters/ledger/open.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import type { Ledger } from '../../../src/app/ledger.ts'
import type { Signer } from '../../../src/app/ports.ts'
import { watchReplay } from '../../../src/app/redecide/replay-rounds.ts'
import { takeKey } from '../../../src/app/signing-keys.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { thisEngine } from '../../../src/entry/engine.ts'
import { rechained } from '../../app/evidence/rechain.ts'
import { controller, OTHER_RUN, RUN, shippedLanes, stranger } from '../../support/builders.ts'
import { inOrder, newPlay, type Play, type Scene, story, world } from '../../support/given.ts'
import { putReadyLedger } from '../../support/ready-ledger.ts'
import { recordPlay } from '../../support/recorded-plays.ts'
import { deskForEachTest, json } from './a-cli.ts'

const desk = deskForEachTest({ 'README.md': 'A repository.\n' })
/** The seeds of the keys `controller` and `stranger`. */
const FIRST_KEY = Buffer.alloc(32, 1).toString('base64')
const SECOND_KEY = Buffer.alloc(32, 3).toString('base64')

const agentos = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  desk.agentos(args, { env: { AGENTOS_SIGNING_KEY: FIRST_KEY, ...env } })

/** A run that this very engine decided. */
function played(run: string, ...scenes: readonly Scene[]): Play {
  const play = newPlay(run)
  inOrder(
    world((it) => {
      it.asking = { engine: thisEngine() }
    }),
    ...scenes,
  )(play)
  return play
}

const merged = played(RUN, story.merged)
const other = played(OTHER_RUN, story.proposed)

/** Puts an embedded ledger with these runs into a data folder, and lets the test write more. */
async function recorded(
  plays: readonly Play[],
  more: (ledger: Ledger) => Promise<unknown> = async () => undefined,
  name = 'data',
): Promise<void> {
  await putReadyLedger(desk.at(name))
  await written(plays, more, name)
}

async function written(plays: readonly Play[], more: (ledger: Ledger) => Promise<unknown>, name: string) {
  const store = await openLedger({ dataDir: desk.at(name) })
  for (const play of plays) await recordPlay(store.ledger, play)
  await more(store.ledger)
  await store.close()
}

it('replay decides the whole ledger again, and names by stream and number the decision that was altered', async () => {
  await recorded([merged, other])
  const same = await agentos(['replay', '--json'])
  expect(same).toMatchObject({ exit: 0 })
  expect(same.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(json(same.stdout)).toMatchObject({ same: true, runs: 2, divergences: 0, changes: 0, undecided: 0, found: [] })

  const seq = merged.events.findIndex(({ type }) => type === 'ApprovalCounted') + 1
  const events = rechained(merged.events, ({ type, data }) =>
    type === 'ApprovalCounted' ? { ...data, have: 7 } : data,
  )
  await recorded([{ ...merged, events }], undefined, 'altered')
  const altered = await agentos(['replay', '--all'], { AGENTOS_DATA: desk.at('altered') })
  expect(altered).toMatchObject({ exit: 1 })
  expect(altered.stdout).toContain(`DIVERGENCE: run/${RUN}@${seq} ApprovalCounted, in data.have`)
})

it('doctor tells what the server found when it last decided the ledger again', async () => {
  const replayed = async (env: Readonly<Record<string, string>>) => {
    const { exit, stdout } = await agentos(['doctor', '--json'], env)
    return { exit, said: stdout }
  }
  const at = '2026-04-01T00:00:00.000Z'
  const round = (ledger: Ledger) =>
    watchReplay({ ledger, clock: { now: () => at }, log: () => undefined, engine: thisEngine().digest }).round()
  expect(await replayed({})).toMatchObject({ exit: 0, said: expect.stringContaining('there is no ledger yet') })
  await recorded([merged])
  expect(await replayed({})).toMatchObject({ exit: 0, said: expect.stringContaining('no server decided this log') })
  await written([], round, 'data')
  expect(await replayed({})).toMatchObject({ exit: 0, said: expect.stringContaining(`last at ${at}: every decision`) })

  const events = rechained(merged.events, ({ type, data }) =>
    type === 'ApprovalCounted' ? { ...data, have: 7 } : data,
  )
  await recorded([{ ...merged, events }], round, 'altered')
  expect(await replayed({ AGENTOS_DATA: desk.at('altered') })).toMatchObject({
    exit: 1,
    said: expect.stringMatching(/do not follow: run\/0a1b2c3d4e@\d+ \(/),
  })
})

it('shadow lists the verdicts that another control plane gives, and none for the same one', async () => {
  expect(await agentos(['shadow'])).toMatchObject({ exit: 2 })
  expect(await shadow('same', 'version: 1\n')).toMatchObject({ exit: 5 })
  const shipped = world((it) => {
    it.policy = { lanes: shippedLanes }
  })
  await recorded([played(RUN, shipped, story.merged)])
  const same = await shadow('same', 'version: 1\n')
  expect(same).toMatchObject({ exit: 0 })
  expect(json(same.stdout)).toMatchObject({ runs: 1, counts: { flips: 0, unknown: 0, turns: 0 } })

  const stricter = await shadow('stricter', 'version: 1\nprotectedPaths: [src/**]\n')
  expect(stricter).toMatchObject({ exit: 0 })
  expect(stricter.stdout).toContain('PlanFrozen (high)')
  expect(stricter.stdout).toContain(`"stream":"run/${RUN}"`)
  expect(json(stricter.stdout)).toMatchObject({ counts: { flips: 1, unknown: 0 } })
})

function shadow(name: string, policy: string) {
  mkdirSync(desk.at(name), { recursive: true })
  writeFileSync(`${desk.at(name)}/policy.yml`, policy)
  return agentos(['shadow', '--manifest', desk.at(name), '--json'])
}

it('redact erases what a run said once it is over, and everything that looks at it afterwards says so', async () => {
  await recorded([other])
  const redact = (run: string, env = {}) =>
    agentos(['ledger', 'redact', '--run', run, '--reason', 'They asked for it.', '--json'], env)
  expect(await redact(OTHER_RUN)).toMatchObject({ exit: 3, stdout: expect.stringContaining('living-run') })
  expect(await redact('9999999999')).toMatchObject({ exit: 2, stdout: expect.stringContaining('unknown-run') })

  await recorded([merged], undefined, 'over')
  const over = { AGENTOS_DATA: desk.at('over') }
  expect(await redact(RUN, over)).toMatchObject({ exit: 0 })
  expect(await agentos(['ledger', 'verify'], over)).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^valid: .* blobs erased on record/),
  })
  const out = desk.at('evidence.json')
  expect(await agentos(['ledger', 'export', '--run', RUN, '--out', out], over)).toMatchObject({ exit: 0 })
  const verified = await agentos(['verify', out, '--trust', trusted()])
  expect(verified).toMatchObject({ exit: 0, stdout: expect.stringContaining('They asked for it.') })
})

function trusted(): string {
  const file = desk.at('trusted.json')
  writeFileSync(file, canonicalJson({ keys: [controllerKey(controller)] }))
  return file
}

it('revoke ends what a key counts for: what it signed after the position is believed no more', async () => {
  const revoking = ['ledger', 'revoke', controller.keyid, '--because', 'It was on a lost laptop']
  const verified = async (name: string, after: number) => {
    await recorded([merged], (ledger) => take(ledger, controller), name)
    const env = { AGENTOS_DATA: desk.at(name), AGENTOS_SIGNING_KEY: SECOND_KEY }
    expect(await agentos([...revoking, '--after', String(after)], env)).toMatchObject({ exit: 0 })
    await written([], (ledger) => take(ledger, stranger), name)
    const out = desk.at(`${name}.json`)
    expect(await agentos(['ledger', 'export', '--run', RUN, '--out', out], env)).toMatchObject({ exit: 0 })
    return agentos(['verify', out])
  }
  expect(await verified('late', merged.events.length * 2)).toMatchObject({ exit: 0 })
  expect(await verified('early', 9)).toMatchObject({ exit: 1, stdout: expect.stringContaining('was revoked') })

  const again = await agentos([...revoking, '--after', '9'], { AGENTOS_DATA: desk.at('early') })
  expect(again).toMatchObject({ exit: 3, stderr: expect.stringContaining('revoked already') })
  expect(await agentos(['ledger', 'revoke', 'no-key', '--after', '9', '--because', 'Lost'])).toMatchObject({ exit: 2 })
})

async function take(ledger: Ledger, signer: Signer): Promise<void> {
  const clock = { now: () => '2026-04-01T00:00:00.000Z' }
  expect(await takeKey({ ledger, signer, earlier: [], clock })).toMatchObject({ ok: true })
}

it('export --since connects evidence with a kept checkpoint, and a cut or foreign log connects with none', async () => {
  const since = ['--trust', trusted()]
  const checkpoint = (name: string) =>
    agentos(['ledger', 'checkpoint', '--out', desk.at(`${name}.checkpoint`)], { AGENTOS_DATA: desk.at(name) })
  const exported = (name: string, ...more: readonly string[]) =>
    agentos(['ledger', 'export', '--run', RUN, '--out', desk.at(`${name}.json`), ...more], {
      AGENTOS_DATA: desk.at(name),
    })
  const held = (evidence: string, kept: string) =>
    agentos(['verify', desk.at(`${evidence}.json`), '--anchor', desk.at(`${kept}.checkpoint`), ...since])

  await recorded([merged], undefined, 'log')
  await checkpoint('log')
  await written([other], async () => undefined, 'log')
  const from = ['--since', desk.at('log.checkpoint'), ...since]
  expect(await exported('log', ...from)).toMatchObject({ exit: 0 })
  expect(await held('log', 'log')).toMatchObject({ exit: 0 })

  await recorded([other, merged], undefined, 'foreign')
  expect(await exported('foreign')).toMatchObject({ exit: 0 })
  expect(await held('foreign', 'log')).toMatchObject({ exit: 1, stdout: expect.stringContaining('INVALID') })
  await checkpoint('log')
  await recorded([merged], undefined, 'cut')
  expect(await exported('cut', ...from)).toMatchObject({ exit: 1, stderr: expect.stringContaining('the log ends at') })
  expect(await exported('cut')).toMatchObject({ exit: 0 })
  expect(await held('cut', 'log')).toMatchObject({ exit: 1, stdout: expect.stringContaining('INVALID') })
})
