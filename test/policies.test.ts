import { describe, expect, it } from 'vitest'
import { matchesAny } from '../src/domain/control/glob.ts'
import { isModule } from '../src/domain/control/recipe.ts'
import { loaded } from './domain/control/shipped.ts'

const { policy, recipes, schedules } = loaded()

describe('the shipped control plane', () => {
  it('starts nothing by itself', () => {
    expect(schedules).toEqual([])
  })

  it('denies a requester’s own approval, workflow changes and irreproducible outputs', () => {
    expect(policy).toMatchObject({ approve: { requester: 'denied' }, workflows: 'denied', unreproducible: 'refuse' })
  })

  it('gives no command the network, and every preparation leaves install scripts out', () => {
    expect(policy.prepare.every(({ argv }) => argv.includes('--ignore-scripts'))).toBe(true)
  })

  it('asks every role at least for what it changes', () => {
    const open = Object.entries(policy.roles).filter(([, role]) => role === 'read')
    expect(open.map(([name]) => name).sort()).toEqual(['help', 'prove', 'status', 'why'])
  })

  it.each([
    '.github/workflows/ci.yml',
    '.agentos/policy.yml',
    'CODEOWNERS',
    'docs/CODEOWNERS',
    '.GITHUB/CODEOWNERS',
    'CLAUDE.md',
    'packages/a/.npmrc',
    '.env.local',
    '.mcp.json',
    '.husky/pre-commit',
    '.gitmodules',
  ])('protects %s', (path) => {
    expect(matchesAny(policy.protectedPaths, path)).toBe(true)
  })

  it.each([
    'package.json',
    'a/package-lock.json',
    'vitest.config.ts',
    '.eslintrc.json',
    'Makefile',
    'pyproject.toml',
    'Cargo.lock',
    'go.mod',
    'justfile',
    'scripts/check.sh',
    'script/test',
    'bin/verify',
    'ci/run.py',
    'tools/a/lint.js',
    'hack/verify.sh',
  ])('keeps %s out of the light lane', (path) => {
    expect(matchesAny(policy.lanes.light.excluded, path)).toBe(true)
  })

  it('has recipes that are data and recipes that are modules', () => {
    const [modules, data] = [recipes.filter(isModule), recipes.filter((recipe) => !isModule(recipe))]
    expect(data.map((recipe) => recipe.name)).toEqual(['add-file', 'replace-call', 'replace-text', 'run-command'])
    expect(modules.map((recipe) => recipe.name)).toEqual([
      'bump-dependency',
      'license-headers',
      'move-file',
      'sort-lines',
    ])
  })
})
