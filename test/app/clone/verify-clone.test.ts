import { beforeEach, describe, expect, test } from 'vitest'
import { openCheckpoint, signCheckpoint } from '../../../src/app/checkpoints.ts'
import { verifyClone } from '../../../src/app/clone/verify-clone.ts'
import type { Ledger } from '../../../src/app/ledger.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { EVIDENCE_REF, evidencePath } from '../../../src/domain/evidence.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { observed, recording } from '../../contracts/ledger-examples.ts'
import { BASE_SHA, baseEntries, controller, edit, RUN, stranger } from '../../support/builders.ts'
import { evidenceOf, given, ledgerOf, requested, settled } from '../../support/given.ts'
import { entriesAfter } from './a-clone.ts'
import { after, clock, DELIVERED, delivered, keptClone, MERGED, merged, message, trust } from './kept-clone.ts'

const otherwise = entriesAfter(baseEntries, [edit('README.md')])

let kept: ReturnType<typeof keptClone>
let clone: typeof kept.clone
let ledger: Ledger

/** A clone with the evidence of both pushes. */
beforeEach(async () => {
  kept = keptClone()
  clone = kept.clone
  ledger = await ledgerOf(merged)
  await kept.keeps(await ledgerOf(delivered))
  await kept.keeps(ledger)
})

/** Said wherever no checkpoint was kept from elsewhere. */
const LATER = expect.stringContaining('no later push of evidence was left out')

describe('a clone with the evidence of its runs', () => {
  test('is valid where what landed is what the evidence says, and nothing else names a run', async () => {
    expect(await kept.check()).toMatchObject({
      valid: true,
      commits: 1,
      runs: [{ run: RUN, phase: 'merged', is: 'merged', commit: MERGED, approved: { number: 13 } }],
      faults: [],
      notes: [LATER],
    })
  })

  test('is valid where the delivered commit itself was merged', async () => {
    clone.add({ id: DELIVERED, parents: [BASE_SHA], message, entries: after })
    clone.refs.set('refs/heads/agentos/12', DELIVERED)
    expect(await kept.check()).toMatchObject({ valid: true, commits: 2 })
  })

  test('cannot be judged without any evidence, or where its history is cut off', async () => {
    clone.refs.delete(EVIDENCE_REF)
    expect(await verifyClone(clone.reader, [], { trust, pushed: trust })).toEqual({ is: 'no-evidence' })
    clone.makeShallow()
    expect(await verifyClone(clone.reader, [], { trust, pushed: trust })).toEqual({ is: 'shallow' })
  })
})

describe('a commit that names a run', () => {
  const lone = sha1Hex('a lone commit')
  const landsToo = (more: Parameters<typeof kept.lands>[1]) => kept.lands(lone, { parents: [MERGED], ...more })

  test('and has no evidence is a fault', async () => {
    landsToo({ message: message.replaceAll(RUN, '9z9z9z9z9z') })
    expect(await kept.faults()).toEqual([
      expect.stringContaining(`commit ${lone}: it names run 9z9z9z9z9z, of which there is`),
    ])
  })

  test('and never became one of its commits is a fault, unless it holds the very change that was approved', async () => {
    clone.add({ id: lone, parents: [BASE_SHA], message, entries: otherwise })
    clone.refs.set('refs/heads/other', lone)
    expect(await kept.faults()).toEqual([expect.stringContaining('holds another change than was approved')])
    clone.add({ id: lone, parents: [BASE_SHA], message, entries: after })
    expect(await kept.check()).toMatchObject({
      valid: true,
      notes: [expect.stringContaining('is on no record'), LATER],
    })
    const picked = `${message.trimEnd()}\n(cherry picked from commit ${MERGED})\n`
    clone.add({ id: lone, parents: [BASE_SHA], message: picked, entries: after })
    expect((await kept.check()).valid).toBe(true)
    clone.add({ id: lone, parents: [BASE_SHA], message: `${message.trimEnd()}\napproved-by: @boss\n`, entries: after })
    expect(await kept.faults()).toEqual([`commit ${lone}: its trailer approved-by says @boss, which the run does not`])
  })

  test('that is under way is none of its faults as long as it is not on the default branch', async () => {
    const draft = `${message.trimEnd().replaceAll(RUN, '9z9z9z9z9z')}\nskip-checks: true\n`
    clone.add({ id: lone, parents: [MERGED], message: draft, entries: after })
    clone.refs.set('refs/heads/agentos/draft', lone)
    expect(await kept.check()).toMatchObject({
      valid: true,
      notes: [expect.stringContaining('delivered nothing yet'), LATER],
    })
    kept.lands(lone, { parents: [MERGED], message: draft })
    expect((await kept.check()).valid).toBe(false)
  })

  test('of a plan that landed before it was delivered is a fault', async () => {
    const plan = merged.state.heads[0] ?? ''
    kept.lands(plan, { parents: [MERGED], message: `${message.trimEnd()}\nskip-checks: true\n` })
    expect(await kept.faults()).toEqual([expect.stringContaining('it landed before it was delivered')])
  })

  test('twice, or not in its trailers, is told', async () => {
    landsToo({ message: message.replace(/^AgentOS-Run: .*$/m, `$&\n$&`) })
    expect(await kept.faults()).toEqual([expect.stringContaining('more than one run')])
    landsToo({ message: `A change\n\nagentos-run : 9z9z9z9z9z\n(cherry picked from commit ${MERGED})\n` })
    expect(await kept.faults()).toEqual([
      expect.stringContaining('it names run 9z9z9z9z9z, of which there is no evidence'),
    ])
    landsToo({ message: `About a run\n\nAgentOS-Run: ${RUN}\n\nMore words.\n` })
    expect((await kept.check()).notes).toEqual([expect.stringContaining('in its text and not in its trailers'), LATER])
  })
})

describe('a landing on record', () => {
  test.each([
    ['is not here', () => kept.lands(sha1Hex('elsewhere')), /merged as this commit, which is not here/],
    [
      'is lost to the default branch',
      () => {
        clone.refs.set('refs/heads/kept', MERGED)
        clone.refs.set('refs/heads/main', BASE_SHA)
      },
      /main lost it/,
    ],
    ['holds another change', () => kept.lands(MERGED, { entries: otherwise }), /diff hash/],
    [
      'has another plan in its trailers',
      () => kept.lands(MERGED, { message: message.replace(/AgentOS-Plan: ./, 'AgentOS-Plan: x') }),
      /AgentOS-Plan/,
    ],
  ])('that %s is a fault', async (_what, change, fault) => {
    change()
    expect(await kept.faults()).toEqual([expect.stringMatching(fault)])
  })

  test('that is only delivered need not be here', async () => {
    clone.refs.set(EVIDENCE_REF, await kept.before(clone.refs.get(EVIDENCE_REF) ?? ''))
    kept.lands(sha1Hex('elsewhere'), { message: 'Nothing of a run\n', entries: baseEntries })
    expect(await kept.check()).toMatchObject({
      valid: true,
      runs: [{ is: 'elsewhere', phase: 'delivered' }],
      notes: [expect.stringContaining('no branch of this clone leads to'), LATER],
    })
  })
})

describe('the pushes of evidence', () => {
  test('that somebody else made break the line', async () => {
    clone.push(EVIDENCE_REF, { 'notes.txt': Buffer.from('mine') })
    const said = (await kept.faults()).join()
    expect(said).toMatch(/does not go on from that of the push before it/)
    expect(said).toMatch(/notes.txt/)
  })

  test('that a stranger signed are not believed', async () => {
    clone.refs.delete(EVIDENCE_REF)
    await kept.keeps(ledger, stranger)
    const said = (await kept.faults()).join()
    expect(said).toMatch(/its checkpoint: its key \w+ is none of those that are trusted/)
    expect(said).toMatch(new RegExp(`runs/${RUN}.json, key \\w+: it is none of the keys that are trusted`))
  })

  test('whose older account was put back break the line', async () => {
    const before = await kept.before(kept.tip())
    const [evidence, checkpoint] = await Promise.all([
      kept.fileAt(before, evidencePath(RUN)),
      kept.fileAt(before, 'checkpoint.json'),
    ])
    clone.push(EVIDENCE_REF, { [evidencePath(RUN)]: evidence })
    expect((await kept.faults()).join()).toMatch(/does not go on/)
    clone.push(EVIDENCE_REF, { [evidencePath(RUN)]: evidence, 'checkpoint.json': checkpoint })
    expect((await kept.faults()).join()).toMatch(/does not go on/)
  })

  test('whose beginning was left out break the line', async () => {
    const files = {
      [evidencePath(RUN)]: await kept.fileAt(kept.tip(), evidencePath(RUN)),
      'checkpoint.json': await kept.fileAt(kept.tip(), 'checkpoint.json'),
    }
    clone.refs.delete(EVIDENCE_REF)
    clone.push(EVIDENCE_REF, files)
    expect(await kept.faults()).toEqual([expect.stringContaining('whose push is not there')])
  })

  test('name the run that each file is of', async () => {
    const evidence = await kept.fileAt(kept.tip(), evidencePath(RUN))
    clone.refs.delete(EVIDENCE_REF)
    clone.push(EVIDENCE_REF, { 'runs/9z9z9z9z9z.json': evidence, 'checkpoint.json': await keptNow() })
    expect((await kept.faults()).join()).toContain(`runs/9z9z9z9z9z.json: it is of run ${RUN}`)
  })

  test('hold an account under a checkpoint of the line, and no other', async () => {
    await ledger.append(recording([observed('desk/77', undefined, { text: 'later' })]))
    const evidence = await kept.fileAt(kept.tip(), evidencePath(RUN))
    clone.refs.delete(EVIDENCE_REF)
    clone.push(EVIDENCE_REF, { [evidencePath(RUN)]: evidence, 'checkpoint.json': await keptNow() })
    expect(await kept.faults()).toEqual([
      expect.stringContaining('none of those that the pushes of evidence go through'),
    ])
  })

  test('go on from what was given beside them, or tell another run', async () => {
    const older = await kept.fileAt(await kept.before(kept.tip()), evidencePath(RUN))
    expect(await kept.check({}, [{ name: 'older.json', bytes: older }])).toMatchObject({ valid: true })
    const other = given().when(requested({ words: { text: 'Something else' } }), settled()).play
    const bytes = new TextEncoder().encode(await evidenceOf(other))
    const told = await kept.check({}, [{ name: 'other.json', bytes }])
    expect(told.faults).toEqual([
      { fault: expect.stringContaining(`it tells another run ${RUN} than`), where: 'other.json' },
    ])
  })
})

async function keptNow(): Promise<Uint8Array> {
  const file = await signCheckpoint({ ledger, signer: controller, clock }, null)
  if (!file.ok) throw new Error(file.refusal)
  return Buffer.from(canonicalJson(file.value))
}

describe('an anchor', () => {
  test('is a position that one of the runs holds', async () => {
    const { seq = 0, hash = '' } = merged.events[4] ?? {}
    expect(await kept.faults({ anchor: { seq, hash } })).toEqual([])
    expect(await kept.faults({ anchor: { seq, hash: 'a'.repeat(64) } })).toEqual([
      expect.stringContaining('no run of the clone'),
    ])
  })

  test('is a state that the pushes go through; one of later shows what was cut off', async () => {
    const opened = async (bytes: Uint8Array) => {
      const checkpoint = openCheckpoint(bytes, trust)
      if (!checkpoint.ok) throw new Error(checkpoint.refusal)
      return checkpoint.value
    }
    const tip = clone.refs.get(EVIDENCE_REF) ?? ''
    const first = await opened(await kept.fileAt(await kept.before(tip), 'checkpoint.json'))
    const second = await opened(await kept.fileAt(tip, 'checkpoint.json'))
    expect(await kept.faults({ checkpoint: first })).toEqual([])
    expect(await kept.faults({ checkpoint: second })).toEqual([])
    expect(await kept.faults({ checkpoint: { ...first, root: 'b'.repeat(64) } })).toEqual([
      expect.stringContaining('forked'),
    ])
    clone.refs.set(EVIDENCE_REF, await kept.before(tip))
    kept.lands(sha1Hex('elsewhere'), { message: 'Nothing of a run\n', entries: baseEntries })
    expect(await kept.faults({ checkpoint: { ...second, since: null } })).toEqual([expect.stringContaining('cut off')])
  })
})
