import { describe, expect, test } from 'vitest'
import { blobId } from '../../src/domain/git-objects.ts'
import type { Step } from '../../src/domain/packs/plan.ts'
import type { Edit, FileMode } from '../../src/domain/patch/edit.ts'
import { assessRisk, laneFor } from '../../src/domain/risk.ts'
import { contentOf, shippedPolicy } from '../support/builders.ts'

const state = (text: string, mode: FileMode = '100644') => ({ mode, blob: blobId(Buffer.from(text)) })
const changed = (path: string): Edit => ({ path, before: state('a'), after: state('b') })
const created = (path: string, mode: FileMode = '100644'): Edit => ({ path, before: null, after: state('b', mode) })
const deleted = (path: string, text = path): Edit => ({ path, before: state(text), after: null })

function risk(edits: readonly Edit[], steps: readonly Step[] = [], bytes = 0) {
  const contents = bytes === 0 ? [] : [{ ...contentOf(Buffer.from('b')), bytes }]
  return assessRisk({ steps, edits, contents }, shippedPolicy)
}

describe('the risk of a change is that of its worst path', () => {
  test.each<[string, Edit, 'low' | 'medium' | 'high', string | null]>([
    ['plain code', changed('src/index.js'), 'low', null],
    ['a folder whose name only begins so', changed('src/author/index.js'), 'low', null],
    ['documents of a sensitive folder', changed('docs/auth/flow.md'), 'low', null],
    ['a protected path', changed('.agentos/policy.yml'), 'high', 'protected-path'],
    ['the keys that are believed', changed('.agentos/keys.json'), 'high', 'protected-path'],
    ['a workflow', changed('.github/workflows/ci.yml'), 'high', 'workflow-file'],
    ['another CI', changed('.gitlab-ci.yml'), 'high', 'workflow-file'],
    ['authentication', changed('src/auth/login.ts'), 'high', 'sensitive-path'],
    ['in any case', changed('src/Auth/Login.ts'), 'high', 'sensitive-path'],
    ['cryptography', changed('lib/crypto.py'), 'high', 'sensitive-path'],
    ['payments', changed('app/payments/charge.rb'), 'high', 'sensitive-path'],
    ['infrastructure', changed('infra/main.tf'), 'high', 'sensitive-path'],
    ['a migration', created('db/migrations/1.sql'), 'high', 'migration'],
    ['a lock file', changed('package-lock.json'), 'medium', 'lock-file'],
    ['dependencies', changed('crates/a/Cargo.toml'), 'medium', 'dependency-file'],
    ['how it is built', changed('Makefile'), 'medium', 'build-file'],
    ['generated code', changed('dist/index.js'), 'medium', 'generated-file'],
    ['a binary', changed('logo.png'), 'medium', 'binary-file'],
    ['a deletion', deleted('src/a.js'), 'medium', 'deletion'],
    ['the deletion of a test', deleted('src/a.test.js'), 'medium', 'test-deletion'],
    ['a mode', { path: 'a', before: state('a'), after: state('a', '100755') }, 'medium', 'mode-change'],
    ['a new program', created('tool', '100755'), 'medium', 'new-program'],
    ['a symbolic link', created('link', '120000'), 'high', 'symbolic-link'],
    ['a submodule', created('module', '160000'), 'high', 'submodule'],
  ])('%s', (_what, edit, level, rule) => {
    const judged = risk([changed('src/other.js'), edit])
    expect(judged.level).toBe(level)
    if (rule === null) expect(judged.reasons).toEqual([])
    else expect(judged.reasons).toContainEqual({ rule, about: edit.path })
    expect(laneFor(judged)).toBe(level === 'high' ? 'high' : 'standard')
  })
})

test('a moved file is no deletion', () => {
  const judged = risk([deleted('src/a.js', 'same'), { path: 'lib/a.js', before: null, after: state('same') }])
  expect(judged).toEqual({ level: 'low', reasons: [{ rule: 'move', about: 'src/a.js' }] })
})

describe('size counts from the policy’s thresholds on', () => {
  const { files, bytes, deletions } = shippedPolicy.risk
  const many = (count: number, make: (path: string) => Edit) =>
    Array.from({ length: count }, (_, i) => make(`src/${i}.js`))

  test.each<[string, () => ReturnType<typeof risk>, 'low' | 'medium' | 'high']>([
    ['as many files as allowed', () => risk(many(files, changed)), 'low'],
    ['one file more', () => risk(many(files + 1, changed)), 'medium'],
    ['as many bytes as allowed', () => risk([changed('a')], [], bytes), 'low'],
    ['one byte more', () => risk([changed('a')], [], bytes + 1), 'medium'],
    ['as many deletions as allowed', () => risk(many(deletions, (path) => deleted(path))), 'medium'],
    ['one deletion more', () => risk(many(deletions + 1, (path) => deleted(path))), 'high'],
  ])('%s', (_what, judge, level) => {
    expect(judge().level).toBe(level)
  })

  test('and a repository’s own policy moves them', () => {
    const policy = { ...shippedPolicy, risk: { ...shippedPolicy.risk, files: 1, sensitivePaths: ['engine/**'] } }
    const judge = (...paths: readonly string[]) =>
      assessRisk({ steps: [], edits: paths.map(changed), contents: [] }, policy)
    expect(judge('a', 'b').level).toBe('medium')
    expect(judge('engine/x').level).toBe('high')
    expect(judge('src/auth/x').level).toBe('low')
  })
})

test('network of any step and outputs of commands are named, and low', () => {
  const steps: readonly Step[] = [
    { id: 'prepare-1', is: 'prepare', argv: ['npm', 'ci'], hosts: ['package-registry'] },
    { id: 'run-1', is: 'run', argv: ['npm', 'run', 'build'], outputs: ['x'], frozen: null, hosts: ['a.org', 'b.org'] },
    { id: 'verify-1', is: 'verify', argv: ['npm', 'test'], criteria: [], hosts: ['c.org'] },
    { id: 'verify-2', is: 'verify', argv: ['npm', 'test'], criteria: [] },
  ]
  expect(risk([changed('a')], steps)).toEqual({
    level: 'low',
    reasons: [
      { rule: 'network', about: 'package-registry' },
      { rule: 'command-output', about: 'npm run build' },
      { rule: 'network', about: 'a.org, b.org' },
      { rule: 'network', about: 'c.org' },
    ],
  })
})

test('the worst reasons come first, so that none of them is cut off', () => {
  const edits = [...Array.from({ length: 300 }, (_, i) => deleted(`src/${i}.js`)), changed('.github/workflows/ci.yml')]
  expect(risk(edits).reasons[0]).toEqual({ rule: 'protected-path', about: '.github/workflows/ci.yml' })
  expect(risk(edits).reasons).toHaveLength(200)
})
