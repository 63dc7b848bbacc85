import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A small project with a dependency to install and a test suite that uses it: there is something to prepare and verify. */
const FILES: Readonly<Record<string, string>> = {
  'README.md': '# tidy-temp\n\nRemoves temporary folders, and says in words what it removed.\n',
  CODEOWNERS: '* @lee\n',
  '.gitignore': 'node_modules/\n',
  '.npmrc': 'audit=false\nfund=false\nupdate-notifier=false\n',
  'src/tidy.js': `const fs = require('node:fs')
const { plural } = require('plain-words')

/** Removes the folders and tells how many there were. */
function tidy(folders) {
  for (const folder of folders) fs.rmdirSync(folder, { recursive: true })
  return \`removed \${plural(folders.length, 'folder')}\`
}

module.exports = { tidy }
`,
  'test/tidy.test.js': `const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { tidy } = require('../src/tidy.js')

test('folders and all that is in them are removed', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidy-'))
  fs.writeFileSync(path.join(folder, 'a.txt'), 'a')
  assert.equal(tidy([folder]), 'removed 1 folder')
  assert.equal(fs.existsSync(folder), false)
})
`,
}

const DEPENDENCY: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'plain-words', version: '1.2.0', license: 'MIT', main: 'index.js', files: ['index.js'] }, null, 2)}\n`,
  'index.js': "exports.plural = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`\n",
}

const PACKAGE = {
  name: 'tidy-temp',
  version: '1.0.0',
  private: true,
  license: 'MIT',
  scripts: { test: 'node --test' },
  dependencies: { 'plain-words': 'file:vendor/plain-words-1.2.0.tgz' },
}

/** Writes the sample into an empty folder and commits it; the dependency is packed and locked by npm itself, offline. */
export async function writeSample(folder: string, extra: Readonly<Record<string, string>>): Promise<void> {
  const source = join(folder, '..', 'plain-words')
  await writeFiles(source, DEPENDENCY)
  await writeFiles(folder, { ...FILES, ...extra, 'package.json': `${JSON.stringify(PACKAGE, null, 2)}\n` })
  await mkdir(join(folder, 'vendor'), { recursive: true })
  await run('npm', ['pack', source, '--pack-destination', join(folder, 'vendor'), '--silent'], { cwd: folder })
  await run('npm', ['install', '--package-lock-only', '--offline', '--silent'], { cwd: folder })
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', 'Tidy temporary folders')
}

/** Copies a repository's HEAD with its history and adds files on top; the given one is only read. */
export async function copyRepository(
  from: string,
  folder: string,
  extra: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await git(folder, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', from, '+HEAD:refs/heads/copy')
  await git(folder, 'reset', '--quiet', '--hard', 'refs/heads/copy')
  await git(folder, 'branch', '--quiet', '-D', 'copy')
  await writeFiles(folder, extra)
  await git(folder, 'add', '--force', '--', ...Object.keys(extra))
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Install AgentOS')
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

const SAFE = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'safe.directory=*']
const NOBODY = ['-c', 'user.name=Sample', '-c', 'user.email=sample@example.invalid', '-c', 'commit.gpgsign=false']

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  }
  await run('git', [...SAFE, ...NOBODY, ...args], { cwd: folder, env, maxBuffer: 1 << 26 })
}
