import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localRepository } from '../../../src/adapters/git/local-repository.ts'
import { EVIDENCE_REF } from '../../../src/domain/evidence.ts'
import { cloneForEachTest } from './clone.ts'

const at = cloneForEachTest()
const commit = (message: string) => {
  at.run(['commit', '-q', '--allow-empty', '-m', message])
  return at.head()
}

test('history is what branches, tags and HEAD lead to, without what keeps evidence', async () => {
  const first = at.head()
  const kept = commit('Keep the evidence\n\nAgentOS-Run: 0a1b2c3d4e')
  at.run(['update-ref', EVIDENCE_REF, kept])
  at.run(['reset', '-q', '--hard', first])
  const tagged = commit('Tagged\n\nagentos-run: 0a1b2c3d4e')
  at.run(['tag', 'v1'])
  at.run(['reset', '-q', '--hard', first])
  const repository = await at.open()
  expect(await repository.history('all')).toEqual(new Set([tagged, first]))
  expect(await repository.history([first])).toEqual(new Set([first]))
  expect(await repository.history([])).toEqual(new Set())
  expect(await repository.namingRuns()).toEqual([tagged])
})

test('a commit names a run by a line of its message and not by a word in it', async () => {
  commit('Say AgentOS-Run: in the middle of a line')
  const named = commit('Squashed\n\nAgentOS-Run: 0a1b2c3d4e\n\nMore words.')
  expect(await (await at.open()).namingRuns()).toEqual([named])
})

test('a shallow clone is not whole', async () => {
  commit('Second')
  const shallow = join(at.home, 'shallow')
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${at.clone}`, shallow], { stdio: 'pipe' })
  expect(await (await at.open()).isWhole()).toBe(true)
  expect(await (await localRepository(shallow)).isWhole()).toBe(false)
})
