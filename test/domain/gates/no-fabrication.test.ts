import { describe, expect, test } from 'vitest'
import { noFabricationGate } from '../../../src/domain/gates/no-fabrication.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import type { FabricationFacts } from '../../../src/domain/packs/fabrication-facts.ts'
import type { PathFact } from '../../../src/domain/packs/path-facts.ts'
import type { Draft, Step } from '../../../src/domain/packs/plan.ts'
import type { Edit } from '../../../src/domain/patch/edit.ts'
import { BASE_SHA, CHANGED, draft, edit, editStep, factsFor, shippedPolicy } from '../../support/builders.ts'

const hash = sha256Hex(Buffer.from('x'))
const basis = { intent: hash, memory: hash, manifest: hash, answers: [] }

function judge(made: Draft, facts: FabricationFacts = factsFor(made)) {
  return noFabricationGate.judge({ draft: made, facts, policy: shippedPolicy, expected: { ...basis, base: BASE_SHA } })
}

const plain = draft(basis)
const withSteps = (...steps: readonly Step[]) => draft(basis, { steps: [...steps] })
const changing = (path: string) => withSteps(editStep([{ ...edit(), path }]))
const creating = (path: string) =>
  withSteps(editStep([{ path, before: null, after: { mode: '100644', blob: blobId(CHANGED) } }]))

/** The facts of a draft, with what was observed at its first path replaced. */
function observed(made: Draft, changes: Partial<PathFact>): FabricationFacts {
  const facts = factsFor(made)
  return { ...facts, paths: facts.paths.map((fact, i) => (i === 0 ? { ...fact, ...changes } : fact)) }
}

test('a draft that speaks only of what is there passes', () => {
  expect(judge(plain)).toMatchObject({ is: 'passed' })
})

describe('each way not to be there has its own reason', () => {
  const absent: Partial<PathFact> = { found: null, near: [], alike: [] }
  test.each<[string, Draft, Partial<PathFact>, RegExp]>([
    ['absent', changing('src/no.js'), absent, /src\/no\.js: it does not exist at the base$/],
    ['alike', changing('src/Index.js'), {}, /differs from src\/index\.js only in case/],
    ['moved', changing('lib/index.js'), {}, /a file of that name stands at src\/index\.js/],
    ['misspelt', changing('src/indx.js'), {}, /did you mean src\/index\.js\?/],
    ['a folder', changing('src'), {}, /it is a folder at the base, and a file is meant/],
    [
      'behind a symlink',
      changing('a/b'),
      { through: { path: 'a', mode: '120000' } },
      /behind a, which is a symbolic link/,
    ],
    ['in a submodule', changing('a/b'), { through: { path: 'a', mode: '160000' } }, /behind a, which is a submodule/],
    ['below a file', creating('README.md/x'), {}, /behind README\.md, which is a file/],
    ['new, but there', creating('README.md'), {}, /exists at the base already, as a file/],
    ['new, but a folder', creating('src'), {}, /exists at the base already, as a folder/],
    ['new, but alike', creating('readme.MD'), {}, /it differs from README\.md only in case/],
    ['new in a folder that is alike', creating('SRC/new.js'), {}, /SRC differs from src only in case/],
    ['new in another Unicode form', creating('e\u0301'), { alike: ['\u00e9'] }, /only in its Unicode form/],
  ])('%s', (_what, made, changes, because) => {
    expect(judge(made, observed(made, changes))).toMatchObject({
      is: 'blocked',
      because: expect.stringMatching(because),
    })
  })

  test('another content than the draft says', () => {
    const before: Edit['before'] = { mode: '100644', blob: blobId(Buffer.from('other')) }
    const made = withSteps(editStep([{ ...edit(), before }]))
    expect(judge(made)).toMatchObject({ is: 'blocked', because: expect.stringContaining('another mode or content') })
  })
})

describe('what is read must be there', () => {
  test.each<[string, RegExp]>([
    ['src/indx.js', /reads it, and it does not exist at the base; did you mean src\/index\.js/],
    ['README.md/x', /reads it, and it lies behind README\.md/],
  ])('%s is not', (path, because) => {
    expect(judge(draft(basis, { reads: [path] }))).toMatchObject({
      is: 'blocked',
      because: expect.stringMatching(because),
    })
  })

  test.each(['src', 'src/index.js'])('%s is', (path) => {
    expect(judge(draft(basis, { reads: [path] }))).toMatchObject({ is: 'passed' })
  })
})

describe('a declared output fits the folders of the base', () => {
  const making = (output: string) =>
    withSteps(editStep(), { id: 'run', is: 'run', argv: ['npm', 'test'], outputs: [output], frozen: null })

  test.each(['src/index.js', 'dist/new.js', 'src/**', '**/*.js', 'dist/**'])('%s does', (output) => {
    expect(judge(making(output))).toMatchObject({ is: 'passed' })
  })

  test.each<[string, RegExp]>([
    ['src', /it is a folder at the base: write src\/\*\*/],
    ['README.md/**', /README\.md is a file at the base/],
    ['README.md/x.js', /behind README\.md/],
    ['Src/new.js', /Src differs from src only in case/],
  ])('%s does not', (output, because) => {
    expect(judge(making(output))).toMatchObject({ is: 'blocked', because: expect.stringMatching(because) })
  })
})

describe('what nobody looked up counts as invented', () => {
  const making = withSteps(editStep(), { id: 'run', is: 'run', argv: ['npm', 'test'], outputs: ['a'], frozen: null })
  const cited = draft(basis, { evidence: [`README.md@${BASE_SHA}`], reads: ['README.md'] })
  test.each<[string, Draft, (facts: FabricationFacts) => FabricationFacts]>([
    ['a changed path', plain, (facts) => ({ ...facts, paths: [] })],
    [
      'a path that is read',
      cited,
      (facts) => ({ ...facts, paths: facts.paths.filter(({ path }) => path !== 'README.md') }),
    ],
    ['an output', making, (facts) => ({ ...facts, paths: facts.paths.filter(({ claims }) => claims !== 'may-exist') })],
    ['a command', plain, (facts) => ({ ...facts, commands: [] })],
    ['evidence', cited, (facts) => ({ ...facts, evidence: [] })],
    ['the base', plain, (facts) => ({ ...facts, base: '0'.repeat(40) })],
  ])('%s', (_what, made, without) => {
    expect(judge(made)).toMatchObject({ is: 'passed' })
    expect(judge(made, without(factsFor(made)))).toMatchObject({ is: 'blocked' })
  })
})

test('evidence that leads nowhere is refused with its reason and what is there', () => {
  const made = draft(basis, { evidence: [`src/indx.js@${BASE_SHA}`] })
  expect(judge(made)).toMatchObject({
    is: 'blocked',
    because: expect.stringMatching(/the base has no file src\/indx\.js; did you mean src\/index\.js\?/),
  })
})
