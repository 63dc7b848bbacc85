import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { helpText, slashCommands } from '../../src/commands/index.ts'
import { parseComment } from '../../src/commands/parse-comment.ts'
import { CommandRoles } from '../../src/domain/control/policy.ts'

const command = (body: string) => {
  const parsed = parseComment(body)
  return parsed.is === 'command' ? parsed.command : parsed
}

describe('a comment', () => {
  it.each([
    '',
    'hello',
    'I think /agentos plan is nice',
    ' /agentos plan',
    '> /agentos plan',
    '```\n/agentos plan\n```',
    '`/agentos plan`',
    '<!-- /agentos plan -->',
    '<!--\n/agentos plan\n-->',
    '    /agentos plan',
    '- /agentos plan',
    'Thanks!\n/agentos plan',
    '/agentosplan',
    '/agentos: plan',
    '/\u0430gentos plan',
    '/AgentOS plan',
    '/agentos\u00a0plan',
    '\u200b/agentos plan',
    '/agent plan',
    '//agentos plan',
  ])('that says %j is no command', (body) => {
    expect(parseComment(body)).toEqual({ is: 'none' })
  })

  it.each([
    ['/agentos help', { name: 'help' }],
    ['\n\n  \n/agentos HELP\r\n\r\nthanks', { name: 'help' }],
    ['/agentos\tstatus  ', { name: 'status' }],
    ['/agentos prove\nplease', { name: 'prove' }],
    ['/agentos why', { name: 'why', step: null }],
    ['/agentos why `verify-1`', { name: 'why', step: 'verify-1' }],
    ['/agentos stop', { name: 'stop', reason: null }],
    ['/agentos stop not needed\nany more', { name: 'stop', reason: 'not needed\nany more' }],
    ['/agentos plan', { name: 'plan', mode: null, recipe: null, from: null, text: null }],
    [
      '/agentos Plan Replace fs.rmdir -- everywhere\n\n- in src',
      {
        name: 'plan',
        mode: null,
        recipe: null,
        from: null,
        text: 'Replace fs.rmdir -- everywhere\n\n- in src',
      },
    ],
    [
      '/agentos plan --mode full_auto Do it',
      { name: 'plan', mode: 'full_auto', recipe: null, from: null, text: 'Do it' },
    ],
    ['/agentos plan --mode=interactive', { name: 'plan', mode: 'interactive', recipe: null, from: null, text: null }],
    ['/agentos plan --from #7', { name: 'plan', mode: null, recipe: null, from: 7, text: null }],
    [
      '/agentos plan --mode semi_auto --from=12 Keep the old name',
      { name: 'plan', mode: 'semi_auto', recipe: null, from: 12, text: 'Keep the old name' },
    ],
    [
      '/agentos plan x\n```\n/agentos stop\n```',
      {
        name: 'plan',
        mode: null,
        recipe: null,
        from: null,
        text: 'x\n```\n/agentos stop\n```',
      },
    ],
    [
      `/agentos plan --recipe replace-text find="a \\"b\\"\\n" replace='c = d' paths=src/** --mode semi_auto because`,
      {
        name: 'plan',
        mode: 'semi_auto',
        recipe: {
          name: 'replace-text',
          params: new Map([
            ['find', 'a "b"\n'],
            ['replace', 'c = d'],
            ['paths', 'src/**'],
          ]),
        },
        from: null,
        text: 'because',
      },
    ],
    [
      '/agentos plan --recipe add-file path= content=x',
      {
        name: 'plan',
        mode: null,
        recipe: {
          name: 'add-file',
          params: new Map([
            ['path', ''],
            ['content', 'x'],
          ]),
        },
        from: null,
        text: null,
      },
    ],
    [
      '/agentos answer\nq1: 20\n\nQ2 :  keep: it  \nq3: default',
      {
        name: 'answer',
        answers: [
          { id: 'q1', value: { is: 'text', text: '20' } },
          { id: 'q2', value: { is: 'text', text: 'keep: it' } },
          { id: 'q3', value: { is: 'default' } },
        ],
      },
    ],
    ['/agentos answer q1: yes', { name: 'answer', answers: [{ id: 'q1', value: { is: 'text', text: 'yes' } }] }],
    [
      '/agentos answer\n```yaml\nq1: yes\n```',
      { name: 'answer', answers: [{ id: 'q1', value: { is: 'text', text: 'yes' } }] },
    ],
    [
      '/agentos answer\nq1: one\n  two\n\n\tthree\nq2: yes',
      {
        name: 'answer',
        answers: [
          { id: 'q1', value: { is: 'text', text: 'one\ntwo\n\nthree' } },
          { id: 'q2', value: { is: 'text', text: 'yes' } },
        ],
      },
    ],
    [
      '/agentos answer\nq1:\n```js\nconst q2: x = 1\n\n  y\n```\nq3: default',
      {
        name: 'answer',
        answers: [
          { id: 'q1', value: { is: 'text', text: 'const q2: x = 1\n\n  y' } },
          { id: 'q3', value: { is: 'default' } },
        ],
      },
    ],
    ['/agentos amend and fs.rmdirSync', { name: 'amend', text: 'and fs.rmdirSync', review: null, params: new Map() }],
    ['/agentos amend\nTwo\nlines', { name: 'amend', text: 'Two\nlines', review: null, params: new Map() }],
    ['/agentos amend --from-review', { name: 'amend', text: null, review: { id: null }, params: new Map() }],
    [
      '/agentos amend --from-review 77 but keep it short',
      { name: 'amend', text: 'but keep it short', review: { id: '77' }, params: new Map() },
    ],
    [
      `/agentos amend --set find='a b' --set=replace="it's" --set paths=*.md`,
      {
        name: 'amend',
        text: null,
        review: null,
        params: new Map([
          ['find', 'a b'],
          ['replace', "it's"],
          ['paths', '*.md'],
        ]),
      },
    ],
  ])('that says %j is a command', (body, expected) => {
    expect(command(body)).toEqual(expected)
  })

  it.each([
    ['/agentos', 'names no command', null],
    ['/agentos aprove', 'by an approving review', null],
    ['/agentos approve', 'by an approving review', null],
    ['/agentos plna', 'there is no `/agentos plna`', '/agentos plan'],
    ['/agentos staus', 'there is no `/agentos staus`', '/agentos status'],
    ['/agentos retry', 'there is no `/agentos retry`', null],
    ['/agentos prove it', 'takes nothing after it', null],
    ['/agentos why the tests', 'takes the name of one step', null],
    ['/agentos why --step tests', 'takes the name of one step', null],
    ['/agentos pl\u0430n', 'there is no such command', '/agentos plan'],
    ['/agentos constructor', 'there is no `/agentos constructor`', null],
    ['/agentos status now', 'takes nothing after it', null],
    ['/agentos stop --force', 'has no flags', null],
    ['/agentos plan --force x', 'there is no flag --force; flags are --mode, --recipe, --from', null],
    ['/agentos plan --contractor codex', 'there is no flag --contractor', null],
    ['/agentos plan --MODE full_auto', 'begins like a flag but is none', null],
    ['/agentos plan \u2014mode full_auto', 'begins like a flag but is none', null],
    ['/agentos plan --mode', 'needs a plain value', null],
    ['/agentos plan --mode fast', '--mode is one of interactive, semi_auto, full_auto', null],
    ['/agentos plan --mode full_auto --mode interactive', '--mode is given twice', null],
    ['/agentos plan --from', '--from needs a plain value', null],
    ['/agentos plan --from #', '--from needs a plain value', null],
    ['/agentos plan --from main', '--from names a pull request by its number', null],
    ['/agentos plan --from #0', '--from names a pull request by its number', null],
    ['/agentos plan --from other/repo#7', '--from needs a plain value', null],
    ['/agentos plan --from #7 --recipe r', 'give either --recipe or --from', null],
    ['/agentos plan --recipe r a=1 a=2', 'a is given twice', null],
    ['/agentos plan --recipe r a="1', 'quote that is not closed', null],
    ['/agentos plan --recipe r a=\u201c1\u201d', 'typographic quotes', null],
    ['/agentos answer', 'there is no answer', null],
    ['/agentos answer\nq1: a\nq1: b', 'q1 is answered twice', null],
    ['/agentos answer\nq1: a\nQ1: b', 'q1 is answered twice', null],
    ['/agentos answer\nq1: a\nand so on', 'every line is an answer', null],
    ['/agentos answer\nq0: a', 'every line is an answer', null],
    ['/agentos answer\nq1: a\n  b\nq1: c', 'q1 is answered twice', null],
    ['/agentos answer\n  b', 'every line is an answer', null],
    ['/agentos amend', 'there is nothing to amend', null],
    ['/agentos amend --mode full_auto x', 'no other flag', null],
    ['/agentos amend —from-review', 'no other flag', null],
    ['/agentos answer\nq1:', 'q1 has no answer', null],
    ['/agentos plan a\n/agentos stop', 'more than one command', null],
    [`/agentos plan ${'x'.repeat(70_000)}`, 'longer than', null],
    [`/agentos answer\nq1: ${'x'.repeat(16_385)}`, 'q1 has 16385 characters; 16384 are the most', null],
    [`/agentos amend --set name=${'x'.repeat(16_385)}`, 'name has 16385 characters; 16384 are the most', null],
    [`/agentos plan --recipe r name=${'x'.repeat(16_385)}`, 'name has 16385 characters; 16384 are the most', null],
    [`/agentos plan --recipe r ${'n'.repeat(65)}=x`, 'a name has at most 64 characters', null],
  ])('that says %j is refused', (body, reason, suggestion) => {
    expect(parseComment(body)).toMatchObject({
      is: 'refused',
      reason: expect.stringContaining(reason),
      suggestion,
      usage: expect.stringContaining('/agentos'),
    })
  })

  it('of any text gets an answer of one kind, at once', () => {
    const piece = fc.constantFrom(
      '/agentos ',
      'plan ',
      'answer',
      '\n',
      'q1: a',
      '--mode ',
      '--recipe r ',
      'a="',
      '\\',
      '"',
      '```',
      ' ',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => `/agentos ${pieces.join('')}`),
    )
    fc.assert(
      fc.property(text, (body) => ['none', 'command', 'refused'].includes(parseComment(body).is)),
      { numRuns: 3000, seed: 11 },
    )
  })
})

describe('the registry', () => {
  it('names each command once, with a role that the policy has', () => {
    const names = slashCommands.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { role } of slashCommands) expect(Object.keys(CommandRoles.shape)).toContain(role)
  })

  it.each(slashCommands)('shows the usage of $name in the help, and reads it', ({ name, usage }) => {
    expect(helpText()).toContain(usage)
    expect(parseComment(usage.replaceAll(/ \[.*/g, ''))).toMatchObject({ is: 'command', command: { name } })
  })
})
