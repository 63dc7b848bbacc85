import { describe, expect, it } from 'vitest'
import { lightPathsGate } from '../../../src/domain/gates/light-paths.ts'
import type { Step } from '../../../src/domain/packs/plan.ts'
import { loaded } from '../control/shipped.ts'

const { policy } = loaded()
const verify = (argv: string): Step => ({ id: 'check', is: 'verify', argv: argv.split(' '), criteria: [] })
const judge = (path: string, ...steps: readonly Step[]) => lightPathsGate.judge({ paths: [path], steps, policy })

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
  ])('where %s verifies it, not %s', (argv, path) => {
    expect(judge(path, verify(argv))).toMatchObject({ is: 'blocked', because: expect.stringContaining('step check') })
  })

  it.each([
    ['npm test', 'test/a.test.js'],
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

  it('asks it of every step that runs a command', () => {
    const prepare: Step = { id: 'prepare-1', is: 'prepare', argv: ['sh', 'setup.sh'], hosts: [] }
    const run: Step = { id: 'run-1', is: 'run', argv: ['sh', 'make.sh'], outputs: ['x'], frozen: null }
    expect(judge('setup.sh', prepare, verify('npm test'))).toMatchObject({ is: 'blocked' })
    expect(judge('make.sh', verify('npm test'), run)).toMatchObject({ is: 'blocked' })
  })

  it('compares no hostile number of paths', () => {
    const words = Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ')
    const paths = Array.from({ length: 5000 }, (_, i) => `src/${i}.js`)
    const verdict = lightPathsGate.judge({ paths, steps: [verify(`unknown ${words}`)], policy })
    expect(verdict).toMatchObject({ is: 'blocked', because: expect.stringContaining('too many') })
    expect(lightPathsGate.judge({ paths, steps: [verify('npm test')], policy }).is).toBe('passed')
  })
})
