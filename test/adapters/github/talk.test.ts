import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cardPerformer } from '../../../src/adapters/github/performers/card.ts'
import { checkPerformer } from '../../../src/adapters/github/performers/check.ts'
import { commentPerformer } from '../../../src/adapters/github/performers/comment.ts'
import { labelPerformer } from '../../../src/adapters/github/performers/label.ts'
import { reactPerformer } from '../../../src/adapters/github/performers/react.ts'
import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { ed25519Signer, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { openCheckpoint, signedNow } from '../../../src/app/checkpoints.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { logTree } from '../../../src/app/log-tree.ts'
import { TryLater, WillNotWork } from '../../../src/app/ports.ts'
import type { EffectBody } from '../../../src/domain/effects.ts'
import { observed, recording } from '../../contracts/ledger-examples.ts'
import { REPO } from '../../demo/a-local-github.ts'
import { aGithubApp, KEY, RUN, type SignedInApp } from './a-github-app.ts'

const { ledger } = memoryLedger()
const signer = ed25519Signer(new Uint8Array(32).fill(3))
const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const signed = signedNow({ ledger, log: logTree(ledger).now, signer, clock })

let app: SignedInApp
let number: number
beforeAll(async () => {
  app = await aGithubApp()
})
afterAll(() => app.close())

const anIssue = async () => {
  const issue = await app.at.as('ana')('POST', `${REPO}/issues`, { title: 'Replace rmdir', body: 'please' })
  number = Number(issue.json['number'])
  app.changes()
  return number
}

const commentsOn = async (issue: number) => {
  const { json } = await app.at.app('GET', `${REPO}/issues/${issue}/comments`)
  return json.map((comment) => ({ id: String(comment['id']), body: String(comment['body']) }))
}

const isPost = ({ method, path }: { method: string; path: string }) => method === 'POST' && path.endsWith('/comments')

describe('a comment', () => {
  test('is posted with the key of its effect on its last line', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    const { result } = await perform(app.intended<'comment'>({ number, role: 'end', text: 'Done.' }))
    expect(await commentsOn(number)).toEqual([
      { id: result.commentId, body: `Done.\n\n<!-- agentos:effect=${KEY} -->` },
    ])
  })

  test('is not posted again when the first answer was lost', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    const intended = app.intended<'comment'>({ number, role: 'end', text: 'Done.' })
    app.at.github.fault(({ method, path }) => method === 'POST' && path.endsWith('/comments'), 'close-after', 1)
    await expect(perform(intended)).rejects.toBeInstanceOf(TryLater)
    const { result } = await perform({ ...intended, attempt: 2 })
    expect(await commentsOn(number)).toMatchObject([{ id: result.commentId }])
  })

  test('of another person that carries the same key is not taken for ours', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    await app.at.as('ana')('POST', `${REPO}/issues/${number}/comments`, { body: `x\n\n<!-- agentos:effect=${KEY} -->` })
    await perform(app.intended<'comment'>({ number, role: 'end', text: 'Done.' }, { attempt: 2 }))
    expect(await commentsOn(number)).toHaveLength(2)
  })

  test('that quotes the key in its text is not taken for the one that carries it', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    const text = `<!-- agentos:effect=${RUN}/9/9 -->\n\nmore`
    await perform(app.intended<'comment'>({ number, role: 'end', text }))
    await perform(app.intended<'comment'>({ number, role: 'end', text: 'Done.' }, { key: `${RUN}/9/9`, attempt: 2 }))
    expect(await commentsOn(number)).toHaveLength(2)
  })

  test('waits as long as GitHub asks and works afterwards', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    const intended = app.intended<'comment'>({ number, role: 'end', text: 'Done.' })
    app.at.github.fault(isPost, { status: 429, headers: { 'retry-after': '3' } }, 1)
    await expect(perform(intended)).rejects.toMatchObject({ name: 'TryLater', afterMs: 3000 })
    await perform({ ...intended, attempt: 2 })
    expect(await commentsOn(number)).toHaveLength(1)
  })

  test.each([500, 502, 503])('is tried again after a %s', async (status) => {
    const perform = commentPerformer(app.access)
    await anIssue()
    app.at.github.fault(({ method, path }) => method === 'POST' && path.endsWith('/comments'), { status }, 1)
    const intended = app.intended<'comment'>({ number, role: 'end', text: 'Done.' })
    await expect(perform(intended)).rejects.toBeInstanceOf(TryLater)
    expect(await commentsOn(number)).toHaveLength(0)
  })

  test('on an issue that is not there will not work, and says so', async () => {
    const perform = commentPerformer(app.access)
    const intended = app.intended<'comment'>({ number: 999, role: 'end', text: 'Done.' })
    await expect(perform(intended)).rejects.toThrow(
      new WillNotWork('Commenting on #999: it is not there, or the App may not see it.'),
    )
  })

  test('that is too long is cut visibly and still carries its key', async () => {
    const perform = commentPerformer(app.access)
    await anIssue()
    await perform(app.intended<'comment'>({ number, role: 'end', text: '日本語の行\n'.repeat(9000) }))
    const [comment] = await commentsOn(number)
    expect(comment?.body).toContain('_Cut here:')
    expect(comment?.body.endsWith(`<!-- agentos:effect=${KEY} -->`)).toBe(true)
    expect(Buffer.byteLength(comment?.body ?? '')).toBeLessThanOrEqual(60_000)
  })
})

const body = (text: string): EffectBody<'card'> => ({ number, run: RUN, text })

describe('the card', () => {
  test('is one comment, written once and then edited', async () => {
    const perform = cardPerformer(app.access)
    await anIssue()
    const first = await perform(app.intended<'card'>(body('Planning.')))
    const second = await perform(app.intended<'card'>(body('Review.'), { key: `${RUN}/8/1` }))
    expect(second.result.commentId).toBe(first.result.commentId)
    expect(await commentsOn(number)).toEqual([
      {
        id: first.result.commentId,
        body: `Review.\n\n<!-- agentos:card run=${RUN} -->\n<!-- agentos:effect=${RUN}/8/1 -->`,
      },
    ])
  })

  test('is left alone when it says the same already', async () => {
    const perform = cardPerformer(app.access)
    await anIssue()
    await perform(app.intended<'card'>(body('Planning.')))
    app.changes()
    await perform(app.intended<'card'>(body('Planning.'), { key: `${RUN}/8/1` }))
    expect(app.changes()).toEqual([])
  })

  test('is written again when somebody deleted it, and restored when somebody edited it', async () => {
    const perform = cardPerformer(app.access)
    await anIssue()
    const { result } = await perform(app.intended<'card'>(body('Planning.')))
    await app.at.app('PATCH', `${REPO}/issues/comments/${result.commentId}`, {
      body: `Ha.\n\n<!-- agentos:card run=${RUN} -->`,
    })
    await perform(app.intended<'card'>(body('Planning.')))
    expect((await commentsOn(number))[0]?.body).toMatch(/^Planning\./)
    await app.at.as('adm')('DELETE', `${REPO}/issues/comments/${result.commentId}`)
    await perform(app.intended<'card'>(body('Planning.')))
    expect(await commentsOn(number)).toMatchObject([{ body: expect.stringMatching(/^Planning\./) }])
  })

  test('is not written twice when the first answer was lost', async () => {
    const perform = cardPerformer(app.access)
    await anIssue()
    app.at.github.fault(({ method, path }) => method === 'POST' && path.endsWith('/comments'), 'close-after', 1)
    await expect(perform(app.intended<'card'>(body('Planning.')))).rejects.toBeInstanceOf(TryLater)
    await perform(app.intended<'card'>(body('Planning.'), { attempt: 2 }))
    expect(await commentsOn(number)).toHaveLength(1)
  })
})

describe('a reaction', () => {
  test('is put on the comment, and a second time is the same reaction', async () => {
    const perform = reactPerformer(app.access)
    await anIssue()
    const comment = await app.at.as('ana')('POST', `${REPO}/issues/${number}/comments`, { body: '/agentos plan' })
    const intended = app.intended<'react'>({ on: 'comment', id: String(comment.json['id']), content: 'eyes' })
    const first = await perform(intended)
    const second = await perform({ ...intended, attempt: 2 })
    expect(second).toEqual(first)
  })

  test('is put on an issue by its number', async () => {
    const perform = reactPerformer(app.access)
    await anIssue()
    const { result } = await perform(app.intended<'react'>({ on: 'issue', id: String(number), content: 'rocket' }))
    expect(result.id).toMatch(/^\d+$/)
  })

  test('on an id that a number cannot hold is refused before anything is sent', async () => {
    const perform = reactPerformer(app.access)
    app.changes()
    const intended = app.intended<'react'>({ on: 'comment', id: '9007199254740993', content: 'eyes' })
    await expect(perform(intended)).rejects.toBeInstanceOf(WillNotWork)
    expect(app.changes()).toEqual([])
  })
})

const labelsOn = async (issue: number) => {
  const { json } = await app.at.app('GET', `${REPO}/issues/${issue}/labels`)
  return json.map((label) => String(label['name'])).sort()
}

describe('a label', () => {
  test('that another run made in the meantime is set all the same', async () => {
    const perform = labelPerformer(app.access)
    await anIssue()
    await perform(app.intended<'label'>({ number, set: 'agentos:running' }))
    await anIssue()
    app.at.github.fault(({ method, path }) => method === 'GET' && path.includes('/labels/agentos'), { status: 404 }, 1)
    await perform(app.intended<'label'>({ number, set: 'agentos:running' }))
    expect(await labelsOn(number)).toEqual(['agentos:running'])
  })

  test('replaces the one before and leaves other people’s labels', async () => {
    const perform = labelPerformer(app.access)
    await anIssue()
    await app.at.as('ana')('POST', `${REPO}/issues/${number}/labels`, { labels: ['bug'] })
    await perform(app.intended<'label'>({ number, set: 'agentos:review' }))
    expect(await labelsOn(number)).toEqual(['agentos:review', 'bug'])
    await perform(app.intended<'label'>({ number, set: 'agentos:running' }))
    expect(await labelsOn(number)).toEqual(['agentos:running', 'bug'])
    await perform(app.intended<'label'>({ number, set: null }))
    expect(await labelsOn(number)).toEqual(['bug'])
  })

  test('is created with a description, and set once however often it is tried', async () => {
    const perform = labelPerformer(app.access)
    await anIssue()
    await perform(app.intended<'label'>({ number, set: 'agentos:stopped' }))
    app.changes()
    await perform(app.intended<'label'>({ number, set: 'agentos:stopped' }, { attempt: 2 }))
    expect(app.changes()).toEqual([])
    const label = await app.at.app('GET', `${REPO}/labels/agentos:stopped`)
    expect(label.json['description']).toBe('AgentOS stopped')
  })
})

const check = (more: Partial<EffectBody<'check'>> = {}): EffectBody<'check'> => ({
  name: 'agentos/plan',
  head: app.at.base,
  status: 'in_progress',
  conclusion: null,
  title: 'Planning',
  summary: 'A plan is made.',
  text: '',
  ...more,
})

const runs = async (name: string) => {
  const { json } = await app.at.app('GET', `${REPO}/commits/${app.at.base}/check-runs`)
  return json['check_runs']?.filter((run) => String(run['name']) === name) ?? []
}

describe('a check', () => {
  test('is created once on a head and brought up to date, with the key of the effect', async () => {
    const perform = checkPerformer(app.access, signed)
    const first = await perform(app.intended<'check'>(check()))
    const done = check({ status: 'completed', conclusion: 'action_required', title: 'Questions', text: 'q1' })
    const second = await perform(app.intended<'check'>(done, { key: `${RUN}/8/2` }))
    expect(second.result.checkRunId).toBe(first.result.checkRunId)
    expect(await runs('agentos/plan')).toMatchObject([
      { external_id: `${RUN}/8/2`, status: 'completed', conclusion: 'action_required', output: { title: 'Questions' } },
    ])
  })

  test('is not created twice when the first answer was lost', async () => {
    const perform = checkPerformer(app.access, signed)
    const intended = app.intended<'check'>(check({ name: 'agentos/review' }))
    app.at.github.fault(({ method, path }) => method === 'POST' && path.endsWith('/check-runs'), 'close-after', 1)
    await expect(perform(intended)).rejects.toBeInstanceOf(TryLater)
    app.changes()
    await perform({ ...intended, attempt: 2 })
    expect(app.changes()).toEqual([])
    expect(await runs('agentos/review')).toMatchObject([{ external_id: KEY }])
  })

  test('whose texts are too long is cut to what GitHub takes', async () => {
    const perform = checkPerformer(app.access, signed)
    const long = 'ä\n'.repeat(30_000)
    await perform(app.intended<'check'>(check({ name: 'agentos/policy', summary: long, text: long })))
    const [run] = await runs('agentos/policy')
    expect(String(run?.['output']?.['summary'])).toContain('_Cut here:')
    expect(Buffer.byteLength(String(run?.['output']?.['text']))).toBeLessThanOrEqual(65_535)
  })

  test('names the place in the ledger that it was made from, also where its text is too long', async () => {
    const perform = checkPerformer(app.access, signed)
    const { event } = app.intended<'check'>(check())
    const position = `**Ledger position** of run \`${RUN}\`: \`${event.seq}@${event.hash}\``
    for (const [round, summary] of ['Short.', 'long words '.repeat(9000)].entries()) {
      await perform(app.intended<'check'>(check({ name: 'agentos/policy', summary }), { key: `${RUN}/8/${round + 5}` }))
      const [run] = await runs('agentos/policy')
      expect(String(run?.['output']?.['summary']).endsWith(`\n\n${position}`)).toBe(true)
    }
  })

  test('that is the final account of a run holds a signed checkpoint, which a reader can keep and open', async () => {
    await ledger.append(recording([observed('desk/77', undefined, { text: 'one event' })]))
    const perform = checkPerformer(app.access, signed)
    const shown = async (more: Partial<EffectBody<'check'>>, key: string) => {
      const body = check({ name: 'agentos/review', text: 'long text '.repeat(9000), ...more })
      await perform(app.intended<'check'>(body, { key }))
      return String((await runs('agentos/review'))[0]?.['output']?.['text'])
    }
    expect(await shown({}, `${RUN}/9/1`)).not.toContain('agentos-checkpoint')
    const text = await shown({ status: 'completed', conclusion: 'success' }, `${RUN}/9/2`)
    const [, file = ''] = /```json\n(.+)\n```/.exec(text) ?? []
    const trusted = [controllerKey(signer)]
    expect(openCheckpoint(Buffer.from(file), { open: openEnvelope, trusted })).toMatchObject({
      ok: true,
      value: { size: 1, at: clock.now() },
    })
  })

  test('on a head that is not there will not work', async () => {
    const perform = checkPerformer(app.access, signed)
    await expect(perform(app.intended<'check'>(check({ head: '1'.repeat(40) })))).rejects.toBeInstanceOf(WillNotWork)
  })
})

test('every exchange so far is one that GitHub itself describes', () => {
  expect(app.sentWrong()).toEqual([])
})
