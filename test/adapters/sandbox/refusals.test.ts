import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { bubblewrapSandbox, thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import type { SandboxRequest } from '../../../src/app/sandbox.ts'
import { aCheckout, aRequest, limits } from './trial.ts'

/** This machine without the program: PATH leads only to folders that lack it. */
const machineWith = (path: string) => ({ ...thisMachine(), path })

test('without bubblewrap there is no sandbox, and nothing runs', async () => {
  const checkout = aCheckout()
  const sandbox = bubblewrapSandbox(machineWith(dirname(checkout)))
  expect(await sandbox.probe()).toEqual({
    is: 'missing',
    because: 'bubblewrap (bwrap) is not on the PATH',
    next: 'Install it, for example: apt-get install bubblewrap',
  })
  expect(await sandbox.run(aRequest({ argv: ['touch', 'ran'], checkout }))).toMatchObject({
    is: 'refused',
    rule: 'sandbox-missing',
  })
})

function aBwrapThat(script: string): string {
  const folder = aCheckout({ bwrap: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, 'bwrap'), 0o755)
  chmodSync(folder, 0o755)
  return folder
}

test.each([
  ['is too old', 'echo bubblewrap 0.6.1', 'bubblewrap is 0.6.1'],
  ['does not say its version', 'echo hello', 'bubblewrap is of an unknown version'],
  [
    'may not make user namespaces',
    '[ "$1" = --version ] && { echo bubblewrap 0.9.0; exit; }; echo "bwrap: setting up uid map: Permission denied" >&2; exit 1',
    'bubblewrap could not start: bwrap: setting up uid map: Permission denied',
  ],
  [
    'does not confine',
    `[ "$1" = --version ] && { echo bubblewrap 0.9.0; exit; }
     starter=$(mktemp); cat <&8 >$starter; chmod 700 $starter; exec 9<$starter; rm $starter
     echo '{ "child-pid": '$$' }' >&4; exec /proc/self/fd/9`,
    expect.stringMatching(/^a trial command (had|could|was|saw) /),
  ],
])('a bubblewrap that %s counts as missing', async (_, script, because) => {
  const probe = await bubblewrapSandbox(machineWith(aBwrapThat(script))).probe()
  expect(probe).toMatchObject({ is: 'missing', because })
})

test.each<[string, Partial<SandboxRequest>]>([
  ['an empty command', { argv: [] }],
  ['a NUL byte', { argv: ['echo', 'a\0b'] }],
  ['a relative checkout', { checkout: 'here' }],
  ['a checkout that does not exist', { checkout: '/nonexistent' }],
  ['a working folder outside', { cwd: '../..' }],
  ['an absolute working folder', { cwd: '/' }],
  ['a working folder that does not exist', { cwd: 'nowhere' }],
  ['a PATH of its own', { env: { PATH: '/work' } }],
  ['a HOME of its own', { env: { HOME: '/work' } }],
  ['a strange variable name', { env: { 'A=B': 'c' } }],
  ['a limit of nothing', { limits: { ...limits, wallMs: 0 } }],
  ['a broken limit', { limits: { ...limits, memoryBytes: Number.NaN } }],
  ['a limit past any timer', { limits: { ...limits, wallMs: 2 ** 40 } }],
])('a request with %s is refused', async (_, over) => {
  expect(await bubblewrapSandbox().run(aRequest({ argv: ['true'], ...over }))).toMatchObject({
    is: 'refused',
    rule: 'bad-request',
  })
})

test('a working folder that is a link out of the checkout does not lead to the machine', async () => {
  const checkout = aCheckout()
  symlinkSync(dirname(thisMachine().home || '/root'), join(checkout, 'link'))
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: ['ls'], checkout, cwd: 'link' }))
  expect(outcome).toMatchObject({ is: 'refused', rule: 'bad-request' })
})

test.each([
  ['is on no PATH', 'no-such-program'],
  ['is absolute', '/usr/bin/true'],
  ['lies outside the checkout', '../true'],
  ['is not in the checkout', './absent'],
  ['may not be executed', './plain'],
  ['is a folder', './folder'],
  ['is a link to the machine', './link'],
  ['is empty', ''],
])('a program that %s is not started', async (_, name) => {
  const checkout = aCheckout({ plain: '' })
  mkdirSync(join(checkout, 'folder'))
  symlinkSync('/usr/bin/true', join(checkout, 'link'))
  expect(await bubblewrapSandbox().run(aRequest({ argv: [name], checkout }))).toMatchObject({
    is: 'refused',
    rule: 'no-such-binary',
  })
})

test('a program of the checkout never stands in for one of the system', async () => {
  const checkout = aCheckout({ true: '#!/bin/sh\nexit 9\n', 'node_modules/.bin/true': '#!/bin/sh\nexit 9\n' })
  for (const path of ['true', 'node_modules/.bin/true']) chmodSync(join(checkout, path), 0o755)
  const path = [join(checkout, 'node_modules/.bin'), thisMachine().path].join(delimiter)
  const outcome = await bubblewrapSandbox(machineWith(path)).run(aRequest({ argv: ['true'], checkout }))
  expect(outcome).toMatchObject({ is: 'exited', code: 0 })
})

test('a file that the system cannot execute is a refusal, not an exit code', async () => {
  const checkout = aCheckout({ strange: '#!/no/such/interpreter\n' })
  chmodSync(join(checkout, 'strange'), 0o755)
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: ['./strange'], checkout }))
  expect(outcome).toMatchObject({ is: 'refused', rule: 'not-startable' })
})

test.runIf(process.getuid?.() === 0)('a checkout that the command could not reach is refused', async () => {
  const folder = aCheckout()
  const checkout = join(folder, 'closed', 'checkout')
  mkdirSync(checkout, { recursive: true })
  chmodSync(join(folder, 'closed'), 0o700)
  writeFileSync(join(checkout, 'file'), '')
  const outcome = await bubblewrapSandbox().run(aRequest({ argv: ['ls'], checkout }))
  expect(outcome).toMatchObject({ is: 'refused', rule: 'bad-request' })
})
