import { expect, test } from 'vitest'
import { localRepository } from '../../../src/adapters/git/local-repository.ts'
import { sha1Hex } from '../../../src/domain/hash.ts'
import { changesBetween } from '../../../src/domain/patch/changes-between.ts'
import { diffSha256 } from '../../../src/domain/patch/raw-diff.ts'
import { landedByHand } from '../../../src/entry/local/landed-by-hand.ts'
import { deskForEachTest } from '../cli/a-cli.ts'

const RUN = 'run-1'
const TRAILED = `Say new\n\nAgentOS-Run: ${RUN}\nAgentOS-Plan: x`
const desk = deskForEachTest({ 'a.txt': 'old\n', 'b.txt': 'b\n' })

/** The delivery stands on a branch of its own, and main goes on without it. */
async function delivered() {
  const repository = await localRepository(desk.clone)
  const base = desk.git('rev-parse', 'HEAD')
  desk.git('checkout', '-q', '-b', 'delivery')
  desk.write('a.txt', 'new\n')
  const commit = desk.commit(TRAILED)
  desk.git('checkout', '-q', 'main')
  desk.write('b.txt', 'later\n')
  desk.commit('Later')
  const edits = changesBetween(await repository.entries(base), await repository.entries(commit))
  const delivery = { run: RUN, commit, diffSha256: diffSha256(edits) }
  const found = async (about = delivery) => {
    const answer = await landedByHand(repository, about, desk.git('rev-parse', 'HEAD'))
    return answer.ok ? answer.value : answer.refusal.because
  }
  const lands = (text: string, message: string) => {
    desk.write('a.txt', text)
    return desk.commit(message)
  }
  return { found, lands, delivery }
}

test('a squash or rebase that kept the trailers is found by them, under whatever came later', async () => {
  const { found, lands } = await delivered()
  const squashed = lands('new\n', TRAILED)
  lands('newer\n', 'Later again')
  expect(await found()).toBe(squashed)
})

test('where HEAD does not hold the change, nobody landed it', async () => {
  const { found, delivery } = await delivered()
  expect(await found()).toBeNull()
  expect(await found({ ...delivery, commit: sha1Hex('nowhere') })).toBeNull()
})

test('a squash that lost its trailers shows by its bytes, and is left to people', async () => {
  const { found, lands } = await delivered()
  lands('new\n', 'Squashed, its trailers gone')
  expect(await found()).toContain('no commit of its history names that run, so it cannot be known which commit')
})

test('a commit that another branch has is not taken for one of HEAD', async () => {
  const { found, lands } = await delivered()
  desk.git('checkout', '-q', '-b', 'other')
  lands('new\n', TRAILED)
  desk.git('checkout', '-q', 'main')
  expect(await found()).toBeNull()
})

test('more than one commit with the trailers, or one with another change, cannot be told apart', async () => {
  const { found, lands } = await delivered()
  desk.write('c.txt', 'more\n')
  lands('new\n', TRAILED)
  expect(await found()).toContain(`names run ${RUN}, but does not make the change that was approved`)
  lands('old\n', 'Taken back')
  lands('new\n', TRAILED)
  expect(await found()).toContain(`2 commits of HEAD name run ${RUN}`)
})
