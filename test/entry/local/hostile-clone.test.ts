import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { ignoredPaths } from '../../../src/adapters/workplace/ignored-paths.ts'
import { timeOf } from '../../../src/entry/local/clone-facts.ts'
import { deskForEachTest } from '../cli/a-cli.ts'
import { executePlanned, planPatch } from './a-local-run.ts'

/** A repository whose very files are traps: attributes, and a whole bare repository with settings of its own. */
const desk = deskForEachTest({
  'a.txt': 'one\n',
  '.gitattributes': '* filter=trap diff=trap merge=trap ident eol=crlf\n',
  '.agentos/policy.yml': 'version: 1\nchecks: []\n',
  'evil.git/HEAD': 'ref: refs/heads/main\n',
  'evil.git/config': '[core]\n\tbare = true\n\tfsmonitor = ../trap.sh\n\tworktree = ..\n',
  'evil.git/objects/.keep': '',
  'evil.git/refs/.keep': '',
})
afterEach(() => vi.unstubAllEnvs())

const HOOKS = [
  'reference-transaction',
  'post-index-change',
  'pre-commit',
  'post-commit',
  'post-checkout',
  'pre-auto-gc',
]
const PROGRAMS = [
  'core.fsmonitor',
  'core.pager',
  'core.editor',
  'core.sshCommand',
  'core.gitProxy',
  'core.alternateRefsCommand',
  'credential.helper',
  'diff.external',
  'diff.trap.command',
  'diff.trap.textconv',
  'filter.trap.clean',
  'filter.trap.smudge',
  'filter.trap.process',
  'merge.trap.driver',
  'gpg.program',
  'gpg.ssh.program',
  'uploadpack.packObjectsHook',
  'trailer.x.cmd',
]

/** Sets every trap that git knows; answers the file that appears when one springs. */
function setTraps(): string {
  const [trap, sprung, included] = ['trap.sh', 'sprung', 'included'].map((name) => join(desk.home, name))
  if (trap === undefined || sprung === undefined || included === undefined) throw new Error('no names')
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> '${sprung}'\ncat\n`, { mode: 0o755 })
  for (const hook of HOOKS) writeFileSync(join(desk.clone, '.git/hooks', hook), readFileSync(trap), { mode: 0o755 })
  for (const key of PROGRAMS) desk.git('config', '--file', included, key, trap)
  desk.git('config', '--file', included, 'log.showSignature', 'true')
  desk.git('config', '--file', included, 'commit.gpgSign', 'true')
  desk.git('config', '--file', included, 'core.hooksPath', join(desk.clone, '.git/hooks'))
  desk.git('config', '--file', included, 'core.attributesFile', join(desk.clone, '.gitattributes'))
  writeFileSync(join(desk.clone, '.git/info/attributes'), '* filter=trap diff=trap ident eol=crlf\n')
  desk.git('config', 'include.path', included)
  rmSync(sprung, { force: true })
  return sprung
}

/** Puts a commit with a signature on main, as a stranger may have pushed it. */
function signedHead(): string {
  const commit = execFileSync('git', ['cat-file', 'commit', 'HEAD'], { cwd: desk.clone }).toString()
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n'
  const args = ['hash-object', '-t', 'commit', '-w', '--stdin']
  const id = execFileSync('git', args, { cwd: desk.clone, input: commit.replace('\n\n', `\n${signature}\n`) })
  desk.git('reset', '-q', '--soft', id.toString().trim())
  return id.toString().trim()
}

/** What another program may have left in the environment. */
function poisonEnvironment(trap: string): void {
  const poison = {
    GIT_DIR: join(desk.clone, 'evil.git'),
    GIT_WORK_TREE: '/',
    GIT_INDEX_FILE: join(desk.home, 'index'),
    GIT_OBJECT_DIRECTORY: join(desk.home, 'objects'),
    GIT_EXTERNAL_DIFF: trap,
    GIT_PAGER: trap,
    GIT_SSH_COMMAND: trap,
    GIT_EXEC_PATH: join(desk.home, 'nowhere'),
    GIT_TEMPLATE_DIR: join(desk.clone, '.git'),
    GIT_CONFIG_GLOBAL: join(desk.home, 'included'),
    GIT_CONFIG_PARAMETERS: `'core.fsmonitor'='${trap}'`,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: trap,
    GIT_TRACE: join(desk.home, 'traced'),
  }
  for (const [name, value] of Object.entries(poison)) vi.stubEnv(name, value)
}

const PATCH = 'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n one\n+$Id$\n'

test('planning and executing on a clone spring none of its traps, nor those of the environment', async () => {
  const head = signedHead()
  const sprung = setTraps()
  poisonEnvironment(join(desk.home, 'trap.sh'))
  const planned = await planPatch({ dir: desk.clone, patch: Buffer.from(PATCH) })
  if (typeof planned === 'string') throw new Error(planned)
  const { result } = await executePlanned(planned, { dir: desk.clone })
  expect(result).toMatchObject({ ok: true, value: { tree: planned.plan.predictedTree } })
  expect(await timeOf(desk.clone, head)).toMatch(/^20/)
  expect(await ignoredPaths([{ path: '.gitignore', bytes: Buffer.from('x\n') }], ['x', 'y'])).toEqual(new Set(['x']))
  vi.unstubAllEnvs()
  expect(existsSync(sprung) ? readFileSync(sprung, 'utf8') : 'nothing').toBe('nothing')
  expect(existsSync(join(desk.home, 'traced'))).toBe(false)
})

test.each([
  ['show', ['show', '--no-patch', 'HEAD']],
  ['status', ['status']],
  ['update-ref', ['update-ref', 'refs/heads/x', 'HEAD']],
])('the same traps spring under git %s, as people run it', (_, args) => {
  signedHead()
  const sprung = setTraps()
  execFileSync('git', args, { cwd: desk.clone, stdio: 'ignore' })
  expect(existsSync(sprung)).toBe(true)
})
