import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashOf, sha1Hex, sha256Hex } from '../../src/domain/hash.ts'
import type { Examined } from '../../src/domain/packs/examined.ts'
import type { Plan, Step } from '../../src/domain/packs/plan.ts'
import { planHash } from '../../src/domain/packs/plan.ts'
import type { Edit } from '../../src/domain/patch/edit.ts'
import { absent, type RunState } from '../../src/domain/run/state.ts'
import { planCheck, planComment } from '../../src/domain/text/plan.ts'
import { aQuestion } from '../support/a-question.ts'
import { ana, newShelf, RUN, type Shelf } from '../support/builders.ts'
import { markupFaults } from '../support/markup.ts'

type Given = {
  readonly plan: Partial<Plan>
  readonly diff: string
  readonly goal?: string
  readonly answers?: readonly { readonly question: string; readonly value: string }[]
  readonly standing?: Examined['standing']
}

const BASE = sha1Hex('base')

function planWith(changes: Partial<Plan>): Plan {
  return {
    v: 1,
    intent: sha256Hex('intent'),
    memory: sha256Hex('memory'),
    manifest: sha256Hex('manifest'),
    answers: [],
    assumptions: [],
    base: { ref: 'refs/heads/main', sha: BASE, tree: sha1Hex('tree') },
    drafter: { is: 'patch', name: 'patch', version: '1' },
    steps: [{ id: 'edit-1', is: 'edit', edits: [] }],
    noVerify: null,
    reads: [],
    edits: [],
    contents: [],
    diffSha256: sha256Hex('diff'),
    predictedTree: sha1Hex('after'),
    locks: ['path:a'],
    risk: { level: 'low', reasons: [] },
    lane: 'standard',
    limits: {
      stepWallMs: 1,
      stepCpuSeconds: 1,
      outputBytes: 1,
      memoryBytes: 1,
      processes: 1,
      fileBytes: 1,
      runMinutes: 20,
    },
    ...changes,
  }
}

/** A run whose plan was proposed, with just what its texts are made from. */
function proposed(shelf: Shelf, { plan, diff, goal = 'Do it', answers = [], standing }: Given): RunState {
  const nothing = { goal: 0, claims: 0, hidden: 0 }
  const lists = { scope: [], constraints: [], criteria: [], nonGoals: [], assumptions: [], overridden: [], hidden: [] }
  const intent = {
    v: 1,
    version: 1,
    goal,
    kind: 'unknown',
    kindFrom: null,
    ...lists,
    leftOut: nothing,
    mode: 'semi_auto',
  }
  const questions = answers.map(({ question }, index) =>
    aQuestion({
      id: `q${index + 1}`,
      about: `topic ${index}`,
      text: question,
    }),
  )
  const given = Object.fromEntries(answers.map(({ value }, index) => [`q${index + 1}`, value]))
  const pack = shelf.document({ v: 1, round: 1, questions, deadline: '2026-03-02T00:00:00.000Z' })
  const answered = shelf.document({
    v: 1,
    pack,
    author: { id: '2', kind: 'User', role: 'maintain' },
    commentId: '9',
    words: shelf.words({ login: 'lee', params: given }),
    answers: questions.map(({ id, about }) => ({ id, about })),
  })
  const examined = {
    v: 1,
    diffSha256: sha256Hex('diff'),
    diff,
    added: 1,
    removed: 2,
    faults: [],
    ...(standing && { standing }),
  }
  return {
    ...absent,
    phase: 'proposed',
    request: {
      run: RUN,
      venue: 'github',
      via: { is: 'comment', commentId: '700' },
      instance: 'http://agentos.example',
      repository: { id: '10', ownerId: '11', owner: 'o', name: 'r', defaultBranch: 'main', installation: '12' },
      issue: 12,
      requester: ana,
      words: shelf.words({ login: 'ana' }),
      mode: null,
      planner: { is: 'words' },
      base: { ref: 'refs/heads/main', sha: BASE },
      manifest: sha256Hex('manifest'),
      engine: { version: '0.1.0', digest: sha256Hex('engine') },
      at: '2026-03-01T09:00:00.000Z',
    },
    intent: shelf.document({ ...intent, requester: ana.id, source: sha256Hex('words') }),
    answers: answers.length === 0 ? [] : [answered],
    pullRequest: { number: 13, nodeId: 'PR', draft: true, branch: 'agentos/x' },
    plan: {
      hash: shelf.document(planWith(plan)),
      lane: 'standard',
      delivery: null,
      examined: shelf.document(examined),
    },
    proposed: {
      commit: sha1Hex('plan'),
      tree: sha1Hex('after'),
      deadline: '2026-03-08T09:00:00.000Z',
      heldByOthers: [],
    },
  }
}

function textsOf(given: Given): readonly string[] {
  const shelf = newShelf()
  const state = proposed(shelf, given)
  const { title, summary, text } = planCheck(state, shelf.documents, 1)
  return [planComment(state, shelf.documents, 1), summary, text, title]
}

/** GitHub takes 65,535 and 65,536; the comment carries a marker beside its text. */
const MOST = 60_000

function faultsIn(text: string): readonly string[] {
  const size = new TextEncoder().encode(text).length
  const tooLong = size > MOST ? [`${size} bytes`] : []
  return [...tooLong, ...markupFaults(text, { mentions: ['ana'], references: [] })]
}

const NASTY = [
  '`',
  '``',
  '```',
  '````\n',
  '~~~\n',
  '|',
  '\\',
  '\\|',
  '@lee',
  '@org/team',
  '#12',
  'GH-12',
  'o/r#3',
  '</details>',
  '<details>',
  '<img src=x>',
  '<!--',
  '-->',
  '&#64;lee',
  '![x](https://evil.example/p.png)',
  '[a](b)',
  '\n',
  '\r\n',
  '\n\n# head\n',
  '\t',
  '\u202e',
  '\u200b',
  '\0',
  '*',
  '**',
  '_',
  '😀',
  'é',
  '\ud800',
  ' ',
  'a',
]
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 30 }).map((parts) => parts.join(''))
const line = nasty.map((text) => text.replaceAll(/[\0\ud800]/g, '.'))
const path = line.map((text) => `d/${text.replaceAll('/', '∕')}x`)
const edit = fc.tuple(path, fc.constantFrom('create', 'change', 'delete', 'program')).map(([name, what]): Edit => {
  const state = { mode: '100644', blob: sha1Hex('blob') } as const
  if (what === 'create') return { path: name, before: null, after: state }
  if (what === 'delete') return { path: name, before: state, after: null }
  return { path: name, before: state, after: { ...state, mode: what === 'program' ? '100755' : '120000' } }
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    id: fc.constant('run-1'),
    is: fc.constant('run' as const),
    argv: fc.array(line, { minLength: 1, maxLength: 5 }),
    outputs: fc.array(path, { minLength: 1, maxLength: 5 }),
    frozen: fc.constant(null),
  }),
  fc.record({
    id: fc.constant('verify-1'),
    is: fc.constant('verify' as const),
    argv: fc.array(line, { minLength: 1, maxLength: 5 }),
    criteria: fc.array(
      line.map((text) => text.slice(0, 32).toWellFormed()),
      { maxLength: 5 },
    ),
  }),
)
const anyPlan = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 40 }),
  steps: fc.array(step, { minLength: 1, maxLength: 20 }),
  noVerify: fc.option(line.map((text) => text.slice(0, 300).toWellFormed())),
  assumptions: fc.array(
    fc.record({ about: fc.constant('x|y'), text: line.map((text) => `a${text}`.slice(0, 500).toWellFormed()) }),
    { maxLength: 5 },
  ),
  drafter: fc.record({
    is: fc.constant('model' as const),
    name: line.map((text) => text.slice(0, 100).toWellFormed()),
    version: fc.constant('`'),
  }),
  risk: fc.record({
    level: fc.constant('high' as const),
    reasons: fc.array(fc.record({ rule: fc.constant('deletion'), about: path }), { maxLength: 30 }),
  }),
})

describe('a plan as people read it', () => {
  test('whatever names, commands, answers and contents hold, nothing of them takes effect and all markup is closed', () => {
    const words = fc.array(fc.record({ question: line.map((text) => `q${text}`), value: line }), { maxLength: 5 })
    fc.assert(
      fc.property(anyPlan, line, words, fc.array(line), (plan, goal, answers, lines) => {
        const diff = lines.join('\n')
        for (const text of textsOf({ plan, diff, goal: `g${goal}`, answers })) expect(faultsIn(text)).toEqual([])
      }),
      { numRuns: 150, seed: 11 },
    )
  })

  const edits = (count: number, name: string): Edit[] =>
    Array.from({ length: count }, (_, i) => ({
      path: `${name}${i}`,
      before: null,
      after: { mode: '100644', blob: sha1Hex('blob') },
    }))

  test.each<[string, Given]>([
    ['10,000 files', { plan: { edits: edits(10_000, 'src/some/folder/file-') }, diff: 'x' }],
    ['long names of hidden characters', { plan: { edits: edits(500, '\u202e'.repeat(1000)) }, diff: 'x' }],
    [
      'a hundred long commands',
      {
        plan: {
          steps: Array.from({ length: 100 }, (_, i) => ({
            id: `verify-${i}`,
            is: 'verify',
            argv: ['€'.repeat(4000)],
            criteria: ['c1'],
          })),
        },
        diff: 'x',
      },
    ],
    [
      'hundreds of reasons',
      {
        plan: {
          risk: {
            level: 'high',
            reasons: Array.from({ length: 200 }, () => ({ rule: 'deletion', about: '€'.repeat(4000) })),
          },
        },
        diff: 'x',
      },
    ],
    ['a diff of 400,000 characters', { plan: {}, diff: '+ some line of it\n'.repeat(22_000) }],
    ['a diff that is one line', { plan: {}, diff: '€'.repeat(300_000) }],
    ['a diff of hidden characters', { plan: {}, diff: '\u200b'.repeat(300_000) }],
    ['a diff of backticks', { plan: {}, diff: '`'.repeat(300_000) }],
    ['a goal that is long', { plan: {}, diff: 'x', goal: '€ \u202e`'.repeat(3000) }],
    [
      'a hundred long answers',
      {
        plan: {},
        diff: 'x',
        answers: Array.from({ length: 50 }, () => ({ question: '€'.repeat(2000), value: '\u202e'.repeat(3000) })),
      },
    ],
  ])('%s stay below GitHub’s limits, with closed markup', (_, given) => {
    for (const text of textsOf(given)) expect(faultsIn(text)).toEqual([])
  })

  test('everything at its largest at once stays below GitHub’s limits', () => {
    const steps = Array.from(
      { length: 100 },
      (_, i): Step => ({
        id: `verify-${i}`,
        is: 'verify',
        argv: ['€'.repeat(4000)],
        criteria: Array.from({ length: 50 }, () => '€'.repeat(32)),
      }),
    )
    const assumptions = Array.from({ length: 50 }, () => ({ about: 'x'.repeat(64), text: '€'.repeat(500) }))
    const risk = {
      level: 'high' as const,
      reasons: Array.from({ length: 200 }, () => ({ rule: 'deletion', about: '€'.repeat(4000) })),
    }
    const plan = {
      edits: edits(10_000, '€'.repeat(1000)),
      steps,
      assumptions,
      risk,
      noVerify: '€'.repeat(300),
      drafter: { is: 'model' as const, name: '€'.repeat(128), version: '€'.repeat(64) },
    }
    const answers = Array.from({ length: 50 }, () => ({ question: '€'.repeat(2000), value: '€'.repeat(3000) }))
    for (const text of textsOf({ plan, diff: '€\n'.repeat(150_000), goal: '€'.repeat(16_000), answers }))
      expect(faultsIn(text)).toEqual([])
  })

  test('a change that is cut says so, in words, and where the rest is', () => {
    const [comment, summary, text] = textsOf({ plan: {}, diff: '+ line\n'.repeat(30_000) })
    expect(comment).toMatch(
      /\*\*Cut here:\*\* \d+ more lines of the change; \*Files changed\* of this pull request shows them all/,
    )
    expect(text).toContain('**Cut here:**')
    expect(summary).not.toContain('**Cut here:**')
    const whole = textsOf({ plan: {}, diff: '+ line\n' })
    for (const one of whole) expect(one).not.toContain('Cut here')
  })

  test('a short change is seen at once, a long one is folded', () => {
    expect(textsOf({ plan: {}, diff: '+ line\n'.repeat(10) })[0]).not.toContain('<details>')
    expect(textsOf({ plan: {}, diff: '+ line\n'.repeat(100) })[0]).toContain(
      '<details><summary>The exact change</summary>',
    )
  })

  test('each answer is shown with who gave it and the steps that rest on it', () => {
    const answer = { question: 'Which name?', value: 'new' }
    const shelf = newShelf()
    const state = proposed(shelf, { plan: {}, diff: 'x', answers: [answer] })
    const cited = {
      id: '1.q1',
      about: 'topic 0',
      question: hashOf('Which name?'),
      value: hashOf('new'),
      author: '2',
      steps: ['edit-1'],
    }
    const plan = {
      ...state,
      plan: {
        hash: shelf.document(planWith({ answers: [cited] })),
        lane: 'standard' as const,
        delivery: null,
        examined: state.plan?.examined ?? null,
      },
    }
    expect(planComment(plan, shelf.documents, 1)).toContain('- `Which name?` **`lee` said** `new` → `edit-1`')
  })

  test('the hash of a plan covers no text about it', () => {
    const keys = Object.keys(planWith({}))
    expect(keys.filter((key) => /text|summary|title|purpose|why|at$|run$/i.test(key))).toEqual([])
    expect(planHash(planWith({ noVerify: 'a' }))).not.toBe(planHash(planWith({})))
  })
})

test('a secret that stands in an edited file already is told by path, line and kind, in comment and check', () => {
  const standing = [{ kind: 'github-token', path: 'config/app.env', line: 3 }]
  const [comment = '', check = ''] = textsOf({ plan: {}, diff: '', standing })
  for (const text of [comment, check]) {
    expect(text).toContain('**Secrets that stand in these files already**')
    expect(text).toContain('- `config/app.env` line 3 [`github-token`]')
    expect(faultsIn(text)).toEqual([])
  }
  expect(textsOf({ plan: {}, diff: '' }).join()).not.toContain('Secrets')
})

test('two hundred of them leave room for the rest', () => {
  const standing = Array.from({ length: 200 }, (_, line) => ({ kind: 'github-token', path: 'd/'.repeat(2000), line }))
  for (const text of textsOf({ plan: {}, diff: 'x'.repeat(100_000), standing })) expect(faultsIn(text)).toEqual([])
})
