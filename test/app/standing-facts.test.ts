import { expect, test } from 'vitest'
import { pathsAnswered } from '../../src/app/standing-facts.ts'
import { toDocument } from '../../src/domain/packs/documents.ts'
import { MAX_EVENT_BYTES } from '../../src/domain/run/envelope.ts'
import { aQuestion } from '../support/a-question.ts'
import { given, requested } from '../support/given.ts'

const question = (id: string) =>
  aQuestion({
    id,
    about: id,
    text: 'Which file?',
    answer: 'path',
    path: 'any',
  })

test('however long the paths of a reply are, what is said of them fits into an event', async () => {
  const ids = Array.from({ length: 30 }, (_, i) => `q${i + 1}`)
  const deadline = '2026-12-01T00:00:00.000Z'
  const pack = toDocument({ v: 1, round: 1, questions: ids.map(question), deadline })
  const { state } = given(requested()).when().play
  const open = {
    state: { ...state, open: { pack: pack.sha256, round: 1, deadline, ids: null } },
    documents: () => pack.bytes,
  }
  const reader = {
    treeOf: () => Promise.resolve(''),
    entries: () => Promise.resolve([]),
    blobs: () => Promise.resolve(new Map()),
  }
  const paths = Object.fromEntries(ids.map((id) => [id, `${id}/${'日'.repeat(1000)}`]))
  const found = await pathsAnswered(reader, open, paths)
  expect(found.length).toBeGreaterThan(0)
  expect(new TextEncoder().encode(JSON.stringify(found)).length).toBeLessThan(MAX_EVENT_BYTES - 4000)
  expect(await pathsAnswered(reader, open, Object.fromEntries(ids.map((id) => [id, `src/${id}`])))).toHaveLength(30)
})
