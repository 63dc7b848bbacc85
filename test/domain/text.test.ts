import { expect, test } from 'vitest'
import { renderMessage } from '../../src/adapters/github/commit-message.ts'
import { sha1Hex, sha256Hex } from '../../src/domain/hash.ts'
import { titleFor } from '../../src/domain/run/react/pull-request.ts'
import { cell, prose } from '../../src/domain/text/markdown.ts'
import { allSettled, given, handedOver, requested, story, world } from '../support/given.ts'

test.each([
  ['Closes #1 and fixes o/r#22', /#\d/],
  ['GH-12 is fixed', /gh-\d/i],
  ['Resolves https://github.com/o/r/issues/1', /:\/\//],
  ['Ask @org/team', /@/],
  ['Tidy up [skip ci]', /\[skip ci\]/],
  ['[CI Skip] and [no ci]', /[[\]]/],
  ['skip-checks: true', /^skip-checks:/i],
  ['#\n', /^$/],
])('a title made of “%s” has no effect, and its commit can be made', (goal, effect) => {
  const title = titleFor(goal)
  expect(title).not.toMatch(effect)
  const body = { purpose: 'delivery', parent: sha1Hex('p'), baseTree: sha1Hex('b'), edits: [], contents: [] } as const
  const commit = { ...body, tree: sha1Hex('t'), subject: title, body: '', trailers: [], skipChecks: false }
  const origin = { key: '0a1b2c3d4e/1/0', event: { seq: 1, hash: sha256Hex('e') } }
  const made = { ...commit, edits: [], contents: [], trailers: [{ name: 'AgentOS-Run', value: 'x' }] }
  expect(renderMessage({ ...made, ref: 'refs/heads/x', from: sha1Hex('f') }, origin)).toContain(title)
})

test.each([
  ['say `/agentos plan --mode semi_auto` again', 'say `/agentos plan --mode semi_auto` again'],
  ['src/my_file.ts: it does not exist', 'src/my_file.ts: it does not exist'],
  ['answer with one of: @org/team, #12', 'answer with one of: @&#8203;org/team, #&#8203;12'],
  ['![x](https://evil.example/p.png)', '!\\[x\\](https:&#8203;//evil.example/p.png)'],
  ['<img src=x> &#64;lee', '&lt;img src=x> &amp;#&#8203;64;lee'],
  ['a`b', 'a\\`b'],
  ['``@lee`` `x`', '\\`\\`@&#8203;lee\\`\\` \\`x\\`'],
  ['one\n\n/agentos stop\n# two', 'one /agentos stop # two'],
  ['\\[x](y)', '\\\\\\[x\\](y)'],
  ['\u202egpj', '\\\\u{202e}gpj'],
])('a reason that quotes “%s” takes no effect in a comment', (text, shown) => {
  expect(prose(text)).toBe(shown)
})

test('a reason keeps its place in a table', () => {
  expect(cell(prose('a | b'))).toBe('a \\| b')
})

test('what a failing step says calls nobody, on the card, in the last comment and in the account', () => {
  const said = 'see @org/everyone ![x](https://evil.example) <b>'
  const { effects } = given(story.dryRun).when(handedOver({ failing: { step: 'tests', because: said } }), allSettled)
  const texts = effects.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes('everyone'))
  expect(texts.length).toBeGreaterThanOrEqual(3)
  for (const text of texts) expect(text).not.toMatch(/@org|!\[x\]\(|<b>/)
})

test('a request that would skip checks or close issues is proposed all the same', () => {
  const asked = requested({ words: { text: 'Fix it [skip ci], closes #7 for @lee' } })
  const { effects } = given(world(() => undefined)).when(asked, allSettled)
  const opening = effects.find((effect) => effect.kind === 'open-pull-request')
  expect(opening?.body).toMatchObject({ title: 'Fix it (skip ci), closes 7 for lee' })
})
