import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderDiff } from '../../../src/adapters/rendering/diff-text.ts'
import { blobId } from '../../../src/domain/git-objects.ts'
import type { Edit, FileState } from '../../../src/domain/patch/edit.ts'

function state(bytes: Uint8Array | null | undefined): FileState | null {
  return bytes === null || bytes === undefined ? null : { mode: '100644', blob: blobId(bytes) }
}

function change(path: string, before: string | Uint8Array | null, after: string | Uint8Array | null) {
  const [old, next] = [before, after].map((content) => (content === null ? null : Buffer.from(content)))
  const contents = [old, next].flatMap((bytes) => (bytes ? [[blobId(bytes), bytes] as const] : []))
  const edit: Edit = { path, before: state(old), after: state(next) }
  return { edit, contents: new Map<string, Uint8Array>(contents) }
}

function render(...args: Parameters<typeof change>) {
  const { edit, contents } = change(...args)
  return renderDiff([edit], (blob) => contents.get(blob))
}

test('a text change is shown as git shows it', () => {
  expect(render('a.txt', 'a\nb\nc\n', 'a\nB\nc')).toEqual({
    text: [
      'diff --git a/a.txt b/a.txt',
      '--- a/a.txt',
      '+++ b/a.txt',
      '@@ -1,3 +1,3 @@',
      ' a',
      '-b',
      '-c',
      '+B',
      '+c',
      '\\ No newline at end of file',
      '',
    ].join('\n'),
    added: 2,
    removed: 2,
    unread: [],
  })
})

test('new, deleted and binary files say so in their head', () => {
  expect(render('a', null, 'x\n').text).toContain('new file mode 100644\n--- /dev/null\n+++ b/a\n')
  expect(render('a', 'x\n', null).text).toContain('deleted file mode 100644\n--- a/a\n+++ /dev/null\n')
  expect(render('a', 'x\n', Buffer.from([0, 1])).text).toBe('diff --git a/a b/a\nBinary files differ\n')
})

test('nothing that cannot be seen is shown as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, line) => {
      const { text } = render(`x${path.toWellFormed()}`, 'a\n', `${line.toWellFormed()}\n`)
      expect(text).not.toMatch(/[\p{Bidi_Control}\u200b-\u200f]/u)
      expect(text.replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('what is too long is cut, and the counts stay whole', () => {
  const files = Array.from({ length: 40 }, (_, i) => change(`f${i}`, null, 'some line of text\n'.repeat(1000)))
  const contents = new Map(files.flatMap((file) => [...file.contents]))
  const rendered = renderDiff(
    files.map((file) => file.edit),
    (blob) => contents.get(blob),
  )
  expect(rendered.text.length).toBeLessThan(320_000)
  expect(rendered.text).toMatch(/\[\d+ more files are not shown here\]\n$/)
  expect(rendered.added).toBe(40_000)
})
