import { describe, expect, test } from 'vitest'
import { isMessageOf, renderMessage } from '../../../src/adapters/github/commit-message.ts'
import type { CommitBody } from '../../../src/domain/effects.ts'

const KEY = '0123456789/7/1'
const origin = { key: KEY, event: { seq: 7, hash: 'e'.repeat(64) } }
const id = '1'.repeat(40)
const body = (more: Partial<CommitBody> = {}): CommitBody => ({
  purpose: 'plan',
  parent: id,
  baseTree: id,
  edits: [],
  contents: [],
  tree: id,
  subject: 'Replace rmdir',
  body: 'As planned.\n\nIn two paragraphs.\n',
  trailers: [
    { name: 'AgentOS-Run', value: '0123456789' },
    { name: 'Requested-by', value: '@ana' },
  ],
  skipChecks: true,
  ref: 'agentos/x',
  from: id,
  ...more,
})

test('a message ends in two empty lines, the trailers, and last the skip', () => {
  expect(renderMessage(body(), origin)).toBe(
    `Replace rmdir\n\nAs planned.\n\nIn two paragraphs.\n\n\nAgentOS-Run: 0123456789\nAgentOS-Step: ${KEY}\nAgentOS-Ledger: 7@${'e'.repeat(64)}\nRequested-by: @ana\nskip-checks: true\n`,
  )
})

test('a message without a body has its trailers after the subject', () => {
  const message = renderMessage(body({ body: '', skipChecks: false, trailers: [] }), origin)
  expect(message).toBe(`Replace rmdir\n\n\nAgentOS-Step: ${KEY}\nAgentOS-Ledger: 7@${'e'.repeat(64)}\n`)
})

const trailer = (name: string, value: string) => ({ trailers: [{ name, value }] })

describe('a message is refused', () => {
  test.each([
    ['a line break in the subject', { subject: 'a\nApproved-by: @eve' }],
    ['a carriage return in the subject', { subject: 'a\rb' }],
    ['an empty subject', { subject: '  ' }],
    ['a line break in a trailer', trailer('Requested-by', '@ana\nApproved-by: @eve')],
    ['another line break in a trailer', trailer('Requested-by', '@ana\u2028Approved-by: @eve')],
    ['a NUL in a trailer', trailer('Requested-by', '@ana\0')],
    ['an empty trailer', trailer('Requested-by', '')],
    ['a trailer whose name is none', trailer('Approved by', '@eve')],
    ['a step of another effect', trailer('AgentOS-Step', '0123456789/1/1')],
    ['a ledger position of another event', trailer('agentos-ledger', '1@x')],
    ['a skip among the trailers', trailer('Skip-Checks', 'true')],
    ['a NUL in the body', { body: 'a\0b' }],
    ['a skip in the subject of a delivery', { subject: 'Mend [skip ci]', skipChecks: false }],
    ['a skip in the body of a delivery', { body: 'x\nskip-checks: true', skipChecks: false }],
  ])('with %s', (_what, more) => {
    expect(() => renderMessage(body(more), origin)).toThrow()
  })
})

test('a message is known as its effect’s by its trailer alone', () => {
  const message = renderMessage(body(), origin)
  expect(isMessageOf(message, KEY)).toBe(true)
  expect(isMessageOf(message.trimEnd(), KEY)).toBe(true)
  expect(isMessageOf(message, '0123456789/7/11')).toBe(false)
  expect(isMessageOf(renderMessage(body({ body: `AgentOS-Step: 0123456789/9/9` }), origin), '0123456789/9/9')).toBe(
    false,
  )
})
