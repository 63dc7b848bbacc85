import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SOURCES = join(import.meta.dirname, '../../../src/adapters/github')

test('no request that the App knows how to make submits or dismisses a review, merges, or pushes by force without a guard', async () => {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(files.map((file) => readFile(join(SOURCES, file), 'utf8')))
  const routes = texts.flatMap((text) =>
    [...text.matchAll(/'((?:GET|POST|PUT|PATCH|DELETE) \/[^']*)'/g)].map(([, route = '']) => route),
  )
  const mutations = texts.flatMap((text) =>
    [...text.matchAll(/mutation \([^)]*\) \{\s*(\w+)/g)].map(([, name = '']) => name),
  )
  const writes = [...new Set(routes.filter((route) => !route.startsWith('GET ')))].toSorted(alphabetical)
  expect(writes).toEqual([
    'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}',
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
    'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
    'POST /app/hook/deliveries/{delivery_id}/attempts',
    'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel',
    'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
    'POST /repos/{owner}/{repo}/check-runs',
    'POST /repos/{owner}/{repo}/git/blobs',
    'POST /repos/{owner}/{repo}/git/commits',
    'POST /repos/{owner}/{repo}/git/refs',
    'POST /repos/{owner}/{repo}/git/trees',
    'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
    'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions',
    'POST /repos/{owner}/{repo}/labels',
    'POST /repos/{owner}/{repo}/pulls',
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
  ])
  expect([...new Set(mutations)].toSorted(alphabetical)).toEqual(['markPullRequestReadyForReview', 'updateRefs'])
  expect(texts.join('\n')).not.toMatch(/octokit\.rest|\bAPPROVE\b/)
  // The one ref that is moved in this way is that of the evidence, and forward alone.
  const moves = texts.flatMap((text) => [...text.matchAll(/'PATCH [^']*\/git\/refs\/\{ref\}', (.*)/g)])
  expect(moves.map(([, asked]) => asked)).toEqual(['{ ...at, ref: REF, sha: to, force: false })'])
})

function alphabetical(a: string, b: string): number {
  return a < b ? -1 : 1
}
