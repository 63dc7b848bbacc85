import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratchCopy } from '../../../src/adapters/sandbox/scratch.ts'
import { snapshot } from '../../../src/adapters/sandbox/snapshot.ts'
import { readTreeFile } from '../../../src/adapters/sandbox/tree-file.ts'
import { workplace } from '../../../src/entry/workplace.ts'
import { aCheckout, inside, processesWith } from './trial.ts'

/** Makes one path, without end, a file, a link to the secret, a fifo, a socket's place, and a folder; and its folder a link as well. */
const swapping = (secret: string): string => `
  $| = 1; print "begun\\n";
  for (;;) {
    unlink 'out/file'; symlink '${secret}/file', 'out/file';
    rename 'out', 'kept'; symlink '${secret}', 'out'; unlink 'out'; rename 'kept', 'out';
    unlink 'out/file'; system('mkfifo', 'out/file') if rand() < 0.01;
    unlink 'out/file'; open(my $f, '>', 'out/file'); print $f 'plain'; close $f;
  }`

test('a declared output that turns into a link, a fifo or a folder while it is read never leads elsewhere', async () => {
  const secret = aCheckout({ file: 'secret' })
  const tree = aCheckout({ 'out/file': 'plain' })
  const swapper = spawn('perl', ['-e', swapping(secret)], { cwd: tree, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void swapper.kill('SIGKILL'))
  await once(swapper.stdout, 'data')
  const seen = new Set<string>()
  const naive = new Set<string>()
  const deadline = performance.now() + 20_000
  for (let n = 0; n < 2000 || (!naive.has('secret') && performance.now() < deadline); n += 1) {
    const read = readTreeFile(tree, 'out/file')
    seen.add(read === null ? 'nothing' : `${read.mode} ${read.bytes.toString()}`)
    naive.add(readByName(join(tree, 'out/file')))
  }
  expect(naive, 'reading by name must be led astray').toContain('secret')
  expect(
    [...seen].filter((one) => !['nothing', '100644 plain', '100644 ', `120000 ${secret}/file`].includes(one)),
  ).toEqual([])
})

test('a process that would go on swapping is gone when the output is read', async () => {
  const secret = aCheckout({ file: 'secret' })
  const checkout = aCheckout({ 'out/file': 'plain' })
  const mark = `swapper-${process.pid}`
  const leave = `if (!fork) { close STDOUT; open STDOUT, '>', '/dev/null'; ${swapping(secret)} }`
  expect((await inside(['perl', '-e', leave, mark], { checkout })).end).toBe('exit 0')
  expect(processesWith(mark)).toEqual([])
  const [first, second] = [workplace.list(checkout), workplace.list(checkout)]
  expect(first).toEqual(second)
})

/** As a program would that trusts the path it looked at; it does not wait for a fifo. */
function readByName(path: string): string {
  try {
    const opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const text = readFileSync(opened, 'utf8')
    closeSync(opened)
    return text
  } catch {
    return 'nothing'
  }
}

function git(folder: string, ...args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.org']
  return execFileSync('git', [...person, ...args], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
}

/** Leaves everything in \`.git\` by which git runs commands. */
const poison = (touched: string): string => `
  mkdir -p .git/hooks
  printf '#!/bin/sh\\ntouch ${touched}\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit
  printf '[core]\\n\\tfsmonitor = touch ${touched}; false\\n[filter "x"]\\n\\tclean = touch ${touched}; cat\\n' >> .git/config
  echo '* filter=x' > .gitattributes`

test('hooks, configuration and filters that a command leaves are never obeyed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentos-git-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [naive, clone, touched] = [join(folder, 'naive'), join(folder, 'clone'), join(folder, 'touched')]
  for (const repository of [naive, clone]) {
    mkdirSync(repository)
    git(repository, 'init', '-q')
    writeFileSync(join(repository, 'file'), 'text\n')
    git(repository, 'add', '-A')
    git(repository, 'commit', '-q', '-m', 'First')
  }
  execFileSync('sh', ['-c', poison(touched)], { cwd: naive })
  git(naive, 'status')
  expect(existsSync(touched), 'git must obey it without the sandbox').toBe(true)
  rmSync(touched)
  const copy = join(aCheckout(), 'copy')
  expect(scratchCopy(clone, copy)).toMatchObject({ is: 'copied' })
  expect((await inside(['sh', '-c', poison(touched)], { checkout: copy })).end).toBe('exit 0')
  const listed = workplace.list(copy)
  expect(listed.is === 'snapshot' && listed.entries.map(({ path }) => path)).toEqual(['.gitattributes', 'file'])
  expect(snapshot(copy)).toMatchObject({ is: 'snapshot' })
  git(clone, 'status')
  git(clone, 'commit', '-q', '--allow-empty', '-m', 'Second')
  expect(existsSync(touched)).toBe(false)
  expect(readFileSync(join(clone, '.git/config'), 'utf8')).not.toContain('fsmonitor')
})
