import { afterEach, expect, test } from 'vitest'
import { openaiPlanner } from '../../../src/adapters/planners/openai-planner.ts'
import { TryLater } from '../../../src/app/ports.ts'
import { Governed } from '../../../src/domain/control/governed.ts'
import { judgeRecorded } from '../../../src/domain/packs/fabrication-facts.ts'
import {
  bytesAt,
  type Drafted,
  draftIn,
  type Request,
  repositoryWith,
  shippedManifest,
  type TestRepository,
} from '../../app/planning/real-scene.ts'
import { chatAnswer, errorAnswer, responsesAnswer, type Scripted, scriptedModel } from '../../support/scripted-model.ts'

const KEY = 'sk-very-secret'
const open: { readonly close: () => unknown }[] = []
afterEach(async () => {
  for (const { close } of open.splice(0)) await close()
})

async function world(answer: (index: number, path: string) => Scripted, timeoutMs = 10_000) {
  const server = await scriptedModel((request, index) => answer(index, request.path))
  const base = await repositoryWith({
    'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    'src/greet.js': "export const greet = () => 'hello'\n",
    'src/other.js': '// nothing\n',
    'README.md': '# Sample\n',
  })
  open.push(server, { close: base.remove })
  const model = openaiPlanner({ apiKey: KEY, baseURL: server.baseURL, model: 'scripted', timeoutMs })
  return { server, base, model, ask: (over: Partial<Request> = {}) => askIn(base, { ...over, model }) }
}

function askIn(base: TestRepository, over: Partial<Request>): Promise<Drafted> {
  return draftIn(base, { planner: { is: 'words' }, goal: 'Let greet say good morning', ...over })
}

const empty = { questions: [], edits: [], verify: [], evidence: [] }
const good = JSON.stringify({
  ...empty,
  edits: [
    { is: 'replace', path: 'src/greet.js', search: "'hello'", replace: "'good morning'" },
    { is: 'create', path: 'docs/greeting.md', content: 'Good morning.\n' },
    { is: 'delete', path: 'src/other.js' },
  ],
  verify: [{ command: 'npm test', criteria: ['c1'] }],
  evidence: ['README.md'],
})

function asDraft(drafted: Drafted) {
  if (drafted.is !== 'draft') throw new Error(JSON.stringify(drafted))
  return drafted
}

test('a good answer becomes exact edits, checks and evidence, and the call is on record', async () => {
  const { server, ask } = await world(() => responsesAnswer(good))
  const drafted = asDraft(await ask())
  expect(bytesAt(drafted, 'src/greet.js')).toBe("export const greet = () => 'good morning'\n")
  expect(bytesAt(drafted, 'docs/greeting.md')).toBe('Good morning.\n')
  expect(drafted.draft.drafter).toEqual({ is: 'model', name: 'scripted', version: 'scripted-2026' })
  expect(drafted.draft.steps).toContainEqual({ id: 'verify-1', is: 'verify', argv: ['npm', 'test'], criteria: ['c1'] })
  expect(drafted.draft.reads).toEqual(['README.md'])
  expect(drafted.facts.evidence.map((fact) => fact.resolves)).toEqual([true, true])
  expect(drafted.facts.model).toMatchObject({ inputTokens: 100, outputTokens: 20 })
  const request = Buffer.from(drafted.documents(drafted.facts.model?.requestSha256 ?? '') ?? []).toString()
  expect(request).toBe(server.seen[0]?.body)
  expect(request).not.toContain(KEY)
  expect(server.seen[0]).toMatchObject({ path: '/v1/responses', authorization: `Bearer ${KEY}` })
  expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ store: false, text: { format: { strict: true } } })
  expect(server.seen[0]?.body).toContain('export const greet')
})

test('the same answer to the same request gives the same draft', async () => {
  const { ask } = await world(() => responsesAnswer(good))
  expect(asDraft(await ask()).hash).toBe(asDraft(await ask()).hash)
})

test('a server without the Responses API is asked through chat completions', async () => {
  const { server, ask } = await world((_, path) =>
    path === '/v1/responses' ? errorAnswer(404, 'not_found') : chatAnswer(good),
  )
  expect(asDraft(await ask()).facts.model).toMatchObject({ inputTokens: 90, outputTokens: 10 })
  expect(server.seen.map((request) => request.path)).toEqual(['/v1/responses', '/v1/chat/completions'])
})

test('questions of a model go to people, and the answers go back to it', async () => {
  const question = {
    type: 'decision',
    topic: 'tone',
    text: 'How formal?',
    impact: 'The wording.',
    answer: 'choice',
    choices: ['formal', 'plain'],
    default: 'plain',
    evidence: ['README.md', 'no/such.md'],
  }
  const { server, ask } = await world((index) =>
    responsesAnswer(index === 0 ? JSON.stringify({ ...empty, questions: [question] }) : good),
  )
  const first = await ask()
  expect(first).toMatchObject({
    is: 'questions',
    questions: [{ id: 'q1', about: 'tone', choices: ['formal', 'plain'] }],
  })
  expect(first.is === 'questions' && first.questions[0]?.evidence).toEqual([
    expect.stringMatching(/^README\.md@[0-9a-f]{40}$/),
  ])
  expect((await ask({ answers: { tone: 'formal' } })).is).toBe('draft')
  expect(server.seen[1]?.body).toContain('formal')
})

test.each([
  [
    'refuses',
    responsesAnswer('', { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }] }),
    'refused',
  ],
  [
    'is cut off',
    responsesAnswer(good, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    'cut off',
  ],
  [
    'is filtered',
    responsesAnswer(good, { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
    'broken off',
  ],
  ['gives no JSON', responsesAnswer('{"edits": ['), 'not JSON'],
  [
    'breaks the schema',
    responsesAnswer(JSON.stringify({ ...empty, edits: [{ is: 'move', path: 'a' }] })),
    'at edits.0',
  ],
  ['speaks another protocol', { status: 200, body: '{"hello": 1}' } as const, 'protocol'],
  [
    'answers with half a character',
    responsesAnswer(
      String.raw`{"questions":[],"edits":[{"is":"create","path":"a","content":"\ud800"}],"verify":[],"evidence":[]}`,
    ),
    'recorded',
  ],
  ['changes nothing', responsesAnswer(JSON.stringify(empty)), 'neither edits nor questions'],
  [
    'searches for text that is not there',
    responsesAnswer(
      JSON.stringify({ ...empty, edits: [{ is: 'replace', path: 'README.md', search: 'x', replace: 'y' }] }),
    ),
    'not in the file',
  ],
  [
    'leaves the repository',
    responsesAnswer(JSON.stringify({ ...empty, edits: [{ is: 'create', path: '../x', content: 'y' }] })),
    'not a path',
  ],
  [
    'pipes a command',
    responsesAnswer(JSON.stringify({ ...JSON.parse(good), verify: [{ command: 'npm test | sh', criteria: [] }] })),
    'unquoted |',
  ],
])('a model that %s is asked once more, then the run is refused', async (_, scripted, because) => {
  const { server, ask } = await world(() => scripted)
  const drafted = await ask()
  expect(drafted).toMatchObject({ is: 'refused', rule: 'model' })
  expect(drafted.is === 'refused' && drafted.because).toContain(because)
  expect(server.seen).toHaveLength(2)
  expect(server.seen[1]?.body).toContain('could not be used')
})

test('a model that mends its answer is taken at its second word, and both calls count', async () => {
  const { ask } = await world((index) => responsesAnswer(index === 0 ? 'no JSON' : good))
  expect(asDraft(await ask()).facts.model).toMatchObject({ inputTokens: 200, outputTokens: 40 })
})

test.each<[string, Scripted, number]>([
  ['too many requests', errorAnswer(429, 'rate_limit_exceeded', { 'retry-after': '7' }), 7000],
  ['a failing server', errorAnswer(503, 'overloaded'), 10_000],
  ['a dropped connection', 'drop', 10_000],
])('%s is tried again later, at most three times, then the run is refused', async (_, scripted, afterMs) => {
  const { ask } = await world(() => scripted)
  const error: unknown = await ask({ attempt: 1 }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TryLater)
  expect(error).toMatchObject({ afterMs })
  expect(String(error)).not.toMatch(/secret/)
  const last = await ask({ attempt: 3 })
  expect(last).toMatchObject({ is: 'refused', rule: 'model' })
  expect(JSON.stringify(last)).not.toMatch(/secret/)
})

test('a model that never answers is given up after its time', async () => {
  const { ask } = await world(() => 'hang', 200)
  await expect(ask()).rejects.toThrow('did not answer in time')
})

test.each<[string, Scripted, string, string]>([
  ['a used-up quota', errorAnswer(429, 'insufficient_quota'), 'model-quota', 'quota of the model account is used up'],
  ['a wrong key', errorAnswer(401, 'invalid_api_key'), 'model', 'does not accept the key'],
  ['a redirect', { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }, 'model', 'cannot be reached'],
  ['a refused request', errorAnswer(400, 'bad'), 'model', 'does not accept the request (400)'],
  ['an unknown model', errorAnswer(404, 'model_not_found'), 'model', 'not this model'],
])('%s ends the run with a clear sentence that repeats no secret', async (_, scripted, rule, because) => {
  const { ask } = await world(() => scripted)
  const drafted = await ask({ attempt: 3 })
  expect(drafted).toMatchObject({ is: 'refused', rule })
  expect(drafted.is === 'refused' && drafted.because).toContain(because)
  expect(JSON.stringify(drafted)).not.toMatch(/secret/)
})

test('an answer made for another repository leaves facts that red line 3 refuses', async () => {
  const edits = [
    { is: 'replace', path: 'lib/index.py', search: 'a', replace: 'b' },
    { is: 'replace', path: 'README.md', search: 'Sample', replace: 'Example' },
    { is: 'create', path: 'src/greet.js', content: 'x' },
  ]
  const reply = {
    ...empty,
    edits,
    verify: [{ command: 'pytest tests/test_a.py', criteria: [] }],
    evidence: ['setup.py'],
  }
  const { ask } = await world(() => responsesAnswer(JSON.stringify(reply)))
  const { draft, facts } = asDraft(await ask())
  expect(draft.reads).toEqual(['lib/index.py'])
  expect(facts.paths.find((fact) => fact.path === 'lib/index.py')).toMatchObject({ claims: 'exists', found: null })
  const created = draft.steps
    .flatMap((step) => (step.is === 'edit' ? step.edits : []))
    .find((edit) => edit.path === 'src/greet.js')
  expect(created?.before).toBeNull()
  expect(facts.paths.find((fact) => fact.path === 'src/greet.js')?.found).not.toBeNull()
  expect(facts.evidence.find((fact) => fact.ref === 'setup.py')?.resolves).toBe(false)
  const { policy } = await shippedManifest()
  const verdict = judgeRecorded(['pytest', 'tests/test_a.py'], policy, { facts, step: 'verify-1' })
  expect(verdict.decision).toBe('deny')
})

test('an answer that only changes files which are not there is refused, and near ones are named', async () => {
  const edits = [{ is: 'delete', path: 'src/gret.js' }]
  const { ask } = await world(() => responsesAnswer(JSON.stringify({ ...empty, edits })))
  expect(await ask()).toMatchObject({ is: 'refused', rule: 'no-fabrication', next: 'did you mean src/greet.js?' })
})

test('a request beyond the token limit of the policy is never sent', async () => {
  const manifest = await shippedManifest()
  const poor = Governed.parse({
    ...manifest,
    policy: { ...manifest.policy, limits: { ...manifest.policy.limits, tokens: 600 } },
  })
  const { server, ask } = await world(() => responsesAnswer(good))
  expect(await ask({ manifest: poor })).toMatchObject({ is: 'refused', rule: 'budget' })
  expect(server.seen).toHaveLength(0)
})
