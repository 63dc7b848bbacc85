import { describe, expect, it } from 'vitest'
import { lightPathsGate } from '../../../src/domain/gates/light-paths.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import { type CommandFact, commandFact } from '../../../src/domain/packs/command-facts.ts'
import type { Step } from '../../../src/domain/packs/plan.ts'
import type { Entry } from '../../../src/domain/patch/edit.ts'
import { toCheckout } from '../../../src/domain/targets/checkout.ts'
import { loaded } from '../control/shipped.ts'

const { policy } = loaded()
const verify = (argv: string): Step => ({ id: 'check', is: 'verify', argv: argv.split(' '), criteria: [] })
/** A repository whose scripts and targets start what the paths below name. */
const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    scripts: {
      lint: 'node quality/lint.mjs && npm run style',
      style: 'sh chores/style.sh',
      pretest: 'node quality/before',
      test: 'node --test',
      start: 'node src/index.js',
      rules: 'node quality/rules.mjs',
      dynamic: 'node quality/dynamic.js',
      hidden: 'python quality/hidden.py',
      nested: 'make old',
    },
  }),
  Makefile:
    'check: types\n\tpython -m quality.check\ntypes:\n\t./chores/types fast\nserve:\n\tpython src/main.py\nold:\n\truby chores/old.rb\n',
  'chores/style.sh': '. ./chores/common.sh\nnode ../quality/style.js\n',
  'chores/types': '#!/usr/bin/env bash\npython chores/types.py\n',
  'quality/rules.mjs': "import { a } from './deep/a.js'\nexport * from '../shared/b'\n",
  'quality/deep/a.ts': "const c = require('./c')\nconst d = await import('../../data/d.json')\n",
  'quality/dynamic.js': 'for (const name of names) await import(`./plugins/${name}.js`)\n',
  'quality/hidden.py': "import importlib\nimportlib.import_module('x' + 'y')\n",
  'quality/check.py':
    'import os, helper\nfrom . import near\nfrom .deep.more import (one,\n  two)\nfrom lib.far import three\n',
  'chores/old.rb': '',
  ...Object.fromEntries(
    ['quality/lint.mjs', 'quality/before.js', 'quality/style.js', 'quality/__init__.py', 'src/index.js']
      .concat(['quality/deep/c.js', 'shared/b.ts', 'data/d.json', 'quality/helper.py', 'quality/near.py'])
      .concat(['quality/deep/more/two.py', 'quality/deep/more/__init__.py', 'lib/far.py', 'lib/__init__.py'])
      .concat(['chores/common.sh', 'chores/types.py', 'src/main.py', 'src/util.js', 'pkg/check.py', 'web/src/a.js'])
      .map((path) => [path, '']),
  ),
}
const bytesOf = new Map(Object.values(FILES).map((text) => [blobId(new TextEncoder().encode(text)), text]))
const entries = Object.entries(FILES).map(
  ([path, text]): Entry => ({ path, mode: '100644', blob: blobId(new TextEncoder().encode(text)) }),
)
const checkout = toCheckout(entries, (blob) => new TextEncoder().encode(bytesOf.get(blob)))
const commandsOf = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.is === 'edit' ? [] : [commandFact(step.id, step.argv, { policy, checkout })]))
const judge = (path: string, ...steps: readonly Step[]) =>
  lightPathsGate.judge({ paths: [path], steps, policy, commands: commandsOf(steps) })

describe('a light plan edits nothing that its own steps run or read', () => {
  it.each([
    ['sh check.sh', 'check.sh'],
    ['bash -eu ./qa/check.sh fast', 'qa/check.sh'],
    ['./qa/check', 'qa/check'],
    ['qa/check', 'QA/Check'],
    ['node --test test/', 'test/deep/a.test.js'],
    ['node --test test', 'test/a.test.js'],
    ['node --test ./test/a.test.js', 'test/a.test.js'],
    ['node --test test/**/*.test.js', 'test/deep/a.test.js'],
    ['node --test {spec,test}/a.js', 'test/a.js'],
    ['node --check src/a', 'src/a.js'],
    ['npm test -- checks', 'checks/a.js'],
    ['npm --prefix web test -- checks/a.js', 'web/checks/a.js'],
    ['yarn workspace web test checks/a.js', 'web/checks/a.js'],
    ['pytest tests/unit/test_a.py::test_b', 'tests/unit/test_a.py'],
    ['go test ./internal/...', 'internal/x/y.go'],
    ['unknown src', 'src/a.js'],
    ['unknown --config=src/../qa/own.json', 'qa/own.json'],
    ['unknown -cqa/own.json', 'qa/own.json'],
    ['python -m pkg.check', 'pkg/check.py'],
    ['python -m pkg.check.deep', 'pkg/check/__init__.py'],
    ['python -m pkg.check', 'src/pkg/check.py'],
    ['npm run lint', 'quality/lint.mjs'],
    ['npm run lint', 'chores/style.sh'],
    ['npm run lint', 'chores/common.sh'],
    ['npm run lint', 'quality/style.js'],
    ['npm test', 'quality/before.js'],
    ['make check', 'quality/check.py'],
    ['make check', 'quality/__init__.py'],
    ['make check', 'chores/types'],
    ['make check', 'chores/types.py'],
    ['make check', 'quality/helper.py'],
    ['make check', 'quality/near.py'],
    ['make check', 'quality/deep/more/two.py'],
    ['make check', 'quality/deep/more/__init__.py'],
    ['make check', 'lib/far.py'],
    ['make check', 'lib/__init__.py'],
    ['npm run rules', 'quality/deep/a.ts'],
    ['npm run rules', 'shared/b.ts'],
    ['npm run rules', 'quality/deep/c.js'],
    ['npm run rules', 'data/d.json'],
    ['node quality/rules.mjs', 'quality/deep/c.js'],
    ['make', 'src/main.py'],
  ])('where %s verifies it, not %s', (argv, path) => {
    expect(judge(path, verify(argv))).toMatchObject({ is: 'blocked', because: expect.stringContaining('step check') })
  })

  it.each([
    ['npm test', 'test/a.test.js'],
    ['npm test', 'src/index.js'],
    ['npm run lint', 'src/util.js'],
    ['npm run rules', 'src/util.js'],
    ['make check', 'src/main.py'],
    ['npm run docs', 'docs/a.md'],
    ['make docs', 'docs/a.md'],
    ['npm --prefix web test', 'web/src/a.js'],
    ['node --test .', 'src/a.js'],
    ['go test ./...', 'a/b.go'],
    ['node --test test', 'src/test.js'],
    ['sh check.sh', 'docs/check.md'],
  ])('where %s verifies it, %s is open as before', (argv, path) => {
    expect(judge(path, verify(argv)).is).toBe('passed')
  })

  it.each(['npm run dynamic', 'npm run hidden', 'npm run nested', 'make old', 'node quality/dynamic.js'])(
    'where %s loads what its text does not name, nothing is light',
    (argv) => {
      const because = expect.stringContaining('the step check starts too many files to compare, or loads what it')
      expect(judge('docs/a.md', verify(argv))).toMatchObject({ is: 'blocked', because })
    },
  )

  it('asks it of every step that runs a command', () => {
    const prepare: Step = { id: 'prepare-1', is: 'prepare', argv: ['sh', 'setup.sh'], hosts: [] }
    const run: Step = { id: 'run-1', is: 'run', argv: ['sh', 'make.sh'], outputs: ['x'], frozen: null }
    expect(judge('setup.sh', prepare, verify('npm test'))).toMatchObject({ is: 'blocked' })
    expect(judge('make.sh', verify('npm test'), run)).toMatchObject({ is: 'blocked' })
  })

  it('stays out where nobody looked what a step starts, or where that is too much', () => {
    const step = verify('npm test')
    const [fact] = commandsOf([step])
    const asked = (commands: readonly CommandFact[]) =>
      lightPathsGate.judge({ paths: ['src/util.js'], steps: [step], policy, commands })
    expect(fact && asked([fact]).is).toBe('passed')
    expect(asked([])).toMatchObject({ is: 'blocked', because: expect.stringContaining('nobody looked') })
    expect(fact && asked([{ ...fact, starts: null }])).toMatchObject({ because: expect.stringContaining('too many') })
  })

  it('compares no hostile number of paths', () => {
    const words = Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ')
    const paths = Array.from({ length: 5000 }, (_, i) => `src/${i}.js`)
    const facts = { paths, policy, commands: commandsOf([verify('npm test')]) }
    const verdict = lightPathsGate.judge({ ...facts, steps: [verify(`unknown ${words}`)] })
    expect(verdict).toMatchObject({ is: 'blocked', because: expect.stringContaining('too many') })
    expect(lightPathsGate.judge({ ...facts, steps: [verify('npm test')] }).is).toBe('passed')
  })
})
