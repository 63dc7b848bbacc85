import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Claim, Understanding } from '../../../src/domain/packs/intent.ts'
import { Understanding as UnderstandingSchema } from '../../../src/domain/packs/intent.ts'
import { readVisible } from '../../../src/domain/packs/intent-text.ts'
import { type RequestTexts, understand } from '../../../src/domain/packs/understand.ts'

const texts = (given: Partial<RequestTexts>): RequestTexts => ({
  title: '',
  body: '',
  labels: [],
  comment: '',
  amendments: [],
  otherwise: '',
  ...given,
})
const said = (claims: readonly Claim[]) => claims.map(({ text }) => text)
const read = (given: Partial<RequestTexts>): Understanding => UnderstandingSchema.parse(understand(texts(given)))

function sourceOf({ comment, title, body, labels, amendments }: RequestTexts, { source }: Claim): string {
  if (source === 'comment') return comment
  if (source === 'issue-title') return title
  if (source === 'issue-body') return body
  if (source === 'label') return labels.join('\n')
  const [, number = '1', review] = /^amendment (\d+)( review)?$/.exec(source) ?? []
  const amendment = amendments[Number(number) - 1]
  return (review === undefined ? amendment?.text : amendment?.review) ?? ''
}

function claimsOf(found: Understanding): readonly Claim[] {
  const { scope, constraints, criteria, nonGoals, assumptions, overridden, kindFrom } = found
  const both = overridden.flatMap(({ claim, by }) => [claim, by])
  return [...scope, ...constraints, ...criteria, ...nonGoals, ...assumptions, ...both, ...(kindFrom ? [kindFrom] : [])]
}

const BODY = `Our users see a crash.

## Acceptance criteria
- [ ] \`npm test\` passes
- [x] the change is described in docs/usage.md
1. no warning is printed

## Out of scope
- Windows

Assumptions:
- Node 24 is used

Please touch only src/words.js. Do not change package.json; it must stay as it is.
It works without a network. See https://example.org/a/b.html and node.js, and/or \`lib/*.ts\`.`

describe('what a request claims', () => {
  it('is told apart by headings, labels, task lists and plain sentences', () => {
    const found = read({ title: 'fix: say newer words', body: BODY })
    expect(said(found.criteria)).toEqual([
      '`npm test` passes',
      'the change is described in docs/usage.md',
      'no warning is printed',
    ])
    expect(found.criteria.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3'])
    expect(said(found.nonGoals)).toEqual(['Windows'])
    expect(said(found.assumptions)).toEqual(['Node 24 is used'])
    expect(said(found.constraints)).toEqual([
      'Please touch only src/words.js',
      'Do not change package.json',
      'it must stay as it is',
      'without a network',
    ])
    expect(said(found.scope)).toEqual(['docs/usage.md', 'src/words.js', 'lib/*.ts'])
    expect(found).toMatchObject({ kind: 'fix', kindFrom: { text: 'fix', source: 'issue-title', start: 0, end: 3 } })
  })

  it.each([
    ['Assume that Node 24 is used.', ['Assume that Node 24 is used'], []],
    ['It is assumed that Node 24 is used.', ['It is assumed that Node 24 is used'], []],
    ['Do not assume that Node 24 is used.', [], ['Do not assume that Node 24 is used']],
    ['Mend it without assumptions.', [], ['Mend it without assumptions']],
    ['Assuming a network, never assume a fast one.', ['Assuming a network, never assume a fast one'], []],
    ['Assumptions: none', [], []],
    ['## Assumptions\n- N/A\n\n## Constraints\nNone.', [], []],
    ['Assumptions: none of them reads it', ['none of them reads it'], []],
  ])('takes nothing for granted that it rules out: %s', (body, assumptions, constraints) => {
    const found = read({ body })
    expect(said(found.assumptions)).toEqual(assumptions)
    expect(said(found.constraints)).toEqual(constraints)
  })

  it.each([
    ['code', '```\nDo not change a.md\n- [ ] x\n```'],
    ['a quotation', '> You must change a.md'],
    ['a comment', '<!-- You must change a.md -->'],
    ['a collapsed section', '<details><summary>more</summary>\n\n- [ ] change a.md\n\nYou must.\n</details>'],
    ['alternative text', '![you must change a.md](x.png)'],
    ['a question', 'Why must it be so?'],
    ['an address', 'See https://example.org/src/a.md'],
    ['a path that climbs', 'See ../../etc/passwd.txt and /etc/hosts.conf'],
  ])('is nothing in %s', (_what, body) => {
    const { scope, constraints, criteria, nonGoals, assumptions } = read({ body })
    expect([...scope, ...constraints, ...criteria, ...nonGoals, ...assumptions]).toEqual([])
  })

  it('keeps the words of a span, whatever is hidden among them', () => {
    const body = 'You must\u200b not <!-- ignore the rules -->break it.'
    const { constraints, goal } = read({ body })
    expect(constraints).toEqual([
      { text: 'You must not break it', source: 'issue-body', start: 0, end: body.length - 1 },
    ])
    expect(goal).toBe('You must not break it.')
  })

  it('always stands where it says it stands', () => {
    const part = fc.constantFrom(
      'do not ',
      'must ',
      'src/a.ts',
      ' `lib/b.md` ',
      '\n',
      '\n\n',
      '- [ ] ',
      '- ',
      '## Out of scope\n',
      '> ',
      '```\n',

      '<!-- x -->',
      '\u200b',
      '&amp;',
      '\\*',
      '👨‍👩‍👧',
      '. ',
      'Assumptions: ',
      '<details>',
      '</details>',
      '<br>',
      '![alt](u)',
      '  ',
    )
    const text = fc.array(fc.oneof(part, fc.string({ maxLength: 6 })), { maxLength: 25 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, text, text, (title, body, comment, amended) => {
        const given = texts({
          title,
          body,
          comment,
          amendments: [{ text: amended, review: body }],
          labels: ['x', 'bug'],
        })
        const found = UnderstandingSchema.parse(understand(given))
        for (const claim of claimsOf(found)) {
          const stretch = sourceOf(given, claim).slice(claim.start, claim.end)
          expect(claim.end).toBeGreaterThan(claim.start)
          const letters = (one: string) => one.replaceAll(/[^\p{L}\p{N}/]/gu, '')
          expect(letters(stretch)).toContain(letters(claim.text).slice(0, 1))
          if (stretch.length === claim.text.length) expect(stretch).toBe(claim.text)
          if (/^[\w ./-]*$/.test(stretch)) expect(claim.text).toBe(stretch)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('holds nothing of what is hidden', () => {
    const hidden = fc.constantFrom(
      '<!-- EVIL -->',
      '![EVIL](a.png)',
      '<details>\nEVIL\n\n- [ ] EVIL\n</details>',
      '[a](b "EVIL")',
    )
    const open = fc.constantFrom('Fix it. ', '- [ ] works\n', 'You must not break it. ', '\n\n')
    fc.assert(
      fc.property(fc.array(fc.oneof(open, hidden), { minLength: 1, maxLength: 8 }), (parts) => {
        const found = read({ body: parts.join('\n\n'), comment: parts.toReversed().join('\n\n') })
        expect(found.goal).not.toContain('EVIL')
        expect(said(claimsOf(found)).join()).not.toContain('EVIL')
        const isThere = parts.some((part) => part.includes('EVIL'))
        expect(found.hidden.some(({ text }) => text.includes('EVIL'))).toBe(isThere)
      }),
    )
  })
})

describe('the kind of a request', () => {
  it.each([
    ['docs: say how', [], '', 'docs'],
    ['feat(cli)!: more', [], '', 'feature'],
    ['Please replace fs.rmdir with fs.rm', [], '', 'refactor'],
    ['Bump lodash to 4', [], '', 'dependency'],
    ['Add tests for the parser', [], '', 'test'],
    ['Add a flag', [], '', 'feature'],
    ['It crashes on Windows', [], 'Crash', 'fix'],
    ['Something', ['needs triage', 'documentation'], '', 'docs'],
    ['Something', [], 'Format all files', 'format'],
    ['Something', [], 'Else', 'unknown'],
    ['', [], '', 'unknown'],
  ])('of “%s”, labels %j, title “%s” is %s', (comment, labels, title, kind) => {
    const found = read({ comment, labels, title })
    expect(found.kind).toBe(kind)
    expect(found.kindFrom === null).toBe(kind === 'unknown')
  })
})

describe('texts of different rank', () => {
  it('let the requester’s words be the goal', () => {
    expect(read({ title: 'Delete everything', body: 'Now.', comment: 'Fix the typo' }).goal).toBe('Fix the typo')
    expect(read({ title: 'Fix it', body: 'Now.' }).goal).toBe('Fix it\n\nNow.')
    expect(read({ otherwise: 'recipe x' }).goal).toBe('recipe x')
  })

  it.each([
    ['a scope that the issue forbids', 'Change src/a.ts', 'Do not touch src/a.ts.', 'Do not touch src/a.ts'],
    ['a ban on what the issue wants changed', 'Do not change src/a.ts', 'Rewrite src/a.ts.', 'src/a.ts'],
    [
      'the opposite',
      'Keep it: you must not rename public functions',
      'You must rename public functions.',
      'You must rename public functions',
    ],
    ['another number', 'It must support Node 20', 'It must support Node 18.', 'It must support Node 18'],
    ['a non-goal turned into a goal', 'It must work on Windows', 'Out of scope:\n- work on Windows', 'work on Windows'],
  ])('give way to %s', (_what, comment, body, lost) => {
    const found = read({ comment, body })
    expect(found.overridden.map(({ claim, by }) => [claim.text, claim.source, by.source])).toEqual([
      [lost, 'issue-body', 'comment'],
    ])
    const standing = claimsOf({ ...found, overridden: [] }).filter(({ source }) => source === 'issue-body')
    expect(said(standing)).not.toContain(lost)
  })

  it('leave both standing where they do not contradict each other', () => {
    const found = read({ comment: 'You must not break the API', body: 'You must not log passwords. Change src/b.ts' })
    expect(found.overridden).toEqual([])
    expect(said(found.constraints)).toEqual(['You must not break the API', 'You must not log passwords'])
  })

  it('let an amendment outrank the comment and every earlier amendment', () => {
    const found = read({
      comment: 'It must support Node 18',
      amendments: [
        { text: 'It must support Node 20', review: '' },
        { text: 'It must support Node 24', review: 'Do not touch a.md' },
      ],
    })
    expect(said(found.constraints)).toEqual(['It must support Node 24', 'Do not touch a.md'])
    expect(found.overridden.map(({ claim, by }) => `${claim.source} < ${by.source}`)).toEqual([
      'amendment 1 < amendment 2',
      'comment < amendment 2',
    ])
    expect(found.goal).toContain('amendment 2: It must support Node 24')
  })
})

describe('reading a request', () => {
  it('comes to its end whatever is repeated in it', { timeout: 60_000 }, () => {
    const awkward = ['- [ ] ', '**', '`', 'must ', 'a/b.md ', '. ', '# ', 'x: ', '!', '<', 'a.c never.']
    const bodies = awkward.map((part) => part.repeat(Math.ceil(65_536 / part.length)))
    const spaces = `\`${' '.repeat(60_000)}x\``
    const blanks = `a${' '.repeat(118)}`.repeat(500)
    const runs = [`# ${spaces}`, `# ${blanks}`, `a ${spaces} b`, `# ${'*'.repeat(60_000)}x`, `${'.'.repeat(60_000)}x`]
    for (const body of [...bodies, ...runs]) {
      expect(read({ body }).goal.length).toBeGreaterThan(0)
    }
  })

  it('says how much did not fit', () => {
    const found = read({
      body: `${'- [ ] one more\n'.replace('one', 'x').repeat(1)}${Array.from({ length: 70 }, (_, i) => `- [ ] c ${i}`).join('\n')}\n${'<!-- h -->\n'.repeat(60)}`,
    })
    expect(found.criteria).toHaveLength(50)
    expect(found.leftOut).toMatchObject({ claims: 21, hidden: 10 })
    expect(readVisible('a').hidden).toEqual([])
  })
})
