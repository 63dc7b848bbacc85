import { expect, test } from 'vitest'
import { blobId } from '../../../src/domain/git-objects.ts'
import { toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { secretsInChange } from '../../../src/domain/secrets/secrets-in-change.ts'
import { plainFilter } from '../../support/plain-filter.ts'

const OLD = `ghp_${'aB3dE6gH9jK2'.repeat(3)}`
const NEW = `ghp_${'zY8xW5vU2tS1'.repeat(3)}`

function seenIn(path: string, before: string | null, after: string | null) {
  const texts = [before, after].flatMap((text) => (text === null ? [] : [toUtf8(text)]))
  const state = (text: string | null) =>
    text === null ? null : ({ mode: '100644', blob: blobId(toUtf8(text)) } as const)
  const edits = [{ path, before: state(before), after: state(after) }]
  return secretsInChange(edits, new Map(texts.map((bytes) => [blobId(bytes), bytes])), plainFilter)
}

test('a secret that stood in the file before is told by kind and place, and not held against the edit', () => {
  expect(seenIn('app.env', `# old\nA=${OLD}\n`, `# new\n\nA=${OLD}\n`)).toEqual({
    brought: [],
    standing: [{ kind: 'github-token', path: 'app.env', line: 3 }],
  })
})

test('beside it, another one is held against the edit', () => {
  expect(seenIn('app.env', `A=${OLD}\n`, `A=${OLD}\nB=${NEW}\n`)).toEqual({
    brought: [{ kind: 'github-token', path: 'app.env', line: 2 }],
    standing: [{ kind: 'github-token', path: 'app.env', line: 1 }],
  })
})

test('one that the edit takes out, or that is deleted with its file, stands nowhere', () => {
  expect(seenIn('app.env', `A=${OLD}\n`, 'A=\n')).toEqual({ brought: [], standing: [] })
  expect(seenIn('app.env', `A=${OLD}\n`, null)).toEqual({ brought: [], standing: [] })
})
