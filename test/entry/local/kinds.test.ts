import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deskForEachTest } from '../cli/a-cli.ts'
import { executePlanned, planPatch } from './a-local-run.ts'

const ALLOWING = 'version: 1\nchecks: []\nsymlinks: allowed\nsubmodules: allowed\n'
const desk = deskForEachTest({ 'src/a.txt': 'one\n', 'src/b.txt': 'two\n', '.agentos/policy.yml': ALLOWING })

const steps: readonly (readonly [title: string, change: () => void])[] = [
  [
    'links and a submodule come',
    () => {
      symlinkSync('src/a.txt', join(desk.clone, 'link'))
      symlinkSync('../src', join(desk.clone, 'src', 'up'))
      addSubmodule('lib', '1'.repeat(40))
    },
  ],
  [
    'a link changes its target, another becomes a file, a file becomes a link, and the submodule moves',
    () => {
      for (const path of ['link', 'src/up', 'src/b.txt']) rmSync(join(desk.clone, path))
      symlinkSync('src/up', join(desk.clone, 'link'))
      desk.write('src/up', 'a file\n')
      symlinkSync('a.txt', join(desk.clone, 'src', 'b.txt'))
      addSubmodule('lib', '2'.repeat(40))
    },
  ],
  [
    'a link becomes a folder, a folder a file, and the submodule a folder',
    () => {
      rmSync(join(desk.clone, 'link'))
      desk.write('link/x', 'below\n')
      rmSync(join(desk.clone, 'src'), { recursive: true })
      desk.write('src', 'a file\n')
      desk.git('rm', '-q', '--cached', 'lib')
      desk.write('lib/y', 'below\n')
      rmSync(join(desk.clone, '.gitmodules'))
    },
  ],
]

function addSubmodule(path: string, commit: string): void {
  desk.write('.gitmodules', `[submodule "${path}"]\n\tpath = ${path}\n\turl = https://example.org/${path}\n`)
  mkdirSync(join(desk.clone, path), { recursive: true })
  desk.git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
}

function commit(): string {
  desk.git('add', '-A', '--', ':!lib')
  desk.git('commit', '-q', '-m', 'Next')
  return desk.git('rev-parse', 'HEAD')
}

function patchOf(parent: string, child: string): Uint8Array {
  const out = join(desk.home, 'patch')
  desk.git('diff', '--binary', '--full-index', '-M', `--output=${out}`, parent, child)
  return readFileSync(out)
}

test('where the policy allows links and submodules, they come, change kind and go as git says', async () => {
  let parent = desk.git('rev-parse', 'HEAD')
  for (const [title, change] of steps) {
    change()
    if (title.includes('submodule a folder')) desk.git('add', 'lib/y')
    const child = commit()
    desk.git('checkout', '-q', '--detach', parent)
    const planned = await planPatch({ dir: desk.clone, patch: patchOf(parent, child) })
    if (typeof planned === 'string') throw new Error(`${title}: ${planned}`)
    const { result } = await executePlanned(planned, { dir: desk.clone })
    expect(result, title).toMatchObject({ ok: true, value: { tree: desk.git('rev-parse', `${child}^{tree}`) } })
    desk.git('checkout', '-q', 'main')
    parent = child
  }
})

test.each([
  ['link', 'symlinks: allowed\n', 'is a symbolic link, which policy does not allow'],
  ['submodule', 'submodules: allowed\n', 'concerns a submodule, which policy does not allow'],
])('where the policy does not allow a %s, it is refused', async (kind, line, because) => {
  desk.write('.agentos/policy.yml', ALLOWING.replace(line, ''))
  const parent = desk.commit('Rules')
  if (kind === 'link') symlinkSync('src/a.txt', join(desk.clone, 'link'))
  else addSubmodule('lib', '1'.repeat(40))
  const child = commit()
  desk.git('checkout', '-q', '--detach', parent)
  const planned = await planPatch({ dir: desk.clone, patch: patchOf(parent, child) })
  expect(planned).toContain('hygiene: ')
  expect(planned).toContain(because)
})

test('an allowed link must still stay inside the tree', async () => {
  const parent = desk.git('rev-parse', 'HEAD')
  symlinkSync('../outside', join(desk.clone, 'link'))
  const child = commit()
  desk.git('checkout', '-q', '--detach', parent)
  const planned = await planPatch({ dir: desk.clone, patch: patchOf(parent, child) })
  expect(planned).toContain('leads out of the tree')
})
