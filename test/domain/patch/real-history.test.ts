import { expect, test } from 'vitest'
import { commitTrees, realGit, type TestFile } from './real-git.ts'
import { checkHistory } from './real-history.ts'

const text = (content: string): TestFile => ({ mode: '100644', bytes: Buffer.from(content) })
const long = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')

test('a history with renames, modes, binary files and odd names goes forth and back as git says', async () => {
  const git = realGit()
  try {
    commitTrees(git, [
      new Map([['a', text(long)]]),
      new Map([['dé/b', text(`${long}more`)]]),
      new Map([['dé/b', { mode: '100755', bytes: Buffer.from(`${long}more`) }]]),
      new Map([
        ['dé/b', { mode: '100755', bytes: Buffer.from(`${long}more`) }],
        ['logo', { mode: '100644', bytes: Buffer.from([0, 1, 2, 0xff]) }],
      ]),
      new Map([['logo', { mode: '120000', bytes: Buffer.from('dé') }]]),
    ])
    git.run(['symbolic-ref', 'HEAD', 'refs/heads/test'])
    expect(await checkHistory(git.dir, 100)).toEqual({
      commits: 4,
      renames: 1,
      modeChanges: 1,
      binaryFiles: 2,
      nonAsciiPaths: 3,
      faults: [],
    })
  } finally {
    git.remove()
  }
})
