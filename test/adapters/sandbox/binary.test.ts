import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { bubblewrapSandbox, thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { aCheckout, aRequest } from './trial.ts'

/** A folder with one program. */
function aToolchain(text: string): string {
  const folder = aCheckout()
  put(folder, text)
  chmodSync(folder, 0o755)
  return folder
}

function put(folder: string, text: string): void {
  writeFileSync(join(folder, 'our-tool'), text)
  chmodSync(join(folder, 'our-tool'), 0o755)
}

async function binaryIn(toolchain: readonly string[], path = thisMachine().path) {
  const outcome = await bubblewrapSandbox({ ...thisMachine(), path, toolchain }).run(aRequest({ argv: ['our-tool'] }))
  return outcome.is === 'refused' ? outcome.rule : outcome.binary
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('a program that was replaced since it last ran is recorded by its new bytes', async () => {
  const [first, second] = ['#!/bin/sh\nexit 0\n', '#!/bin/sh\nexit 1\n']
  const folder = aToolchain(first)
  expect(await binaryIn([folder])).toEqual({ path: join(folder, 'our-tool'), sha256: sha256(first) })
  put(folder, second)
  expect(await binaryIn([folder])).toEqual({ path: join(folder, 'our-tool'), sha256: sha256(second) })
})

test('of two programs of one name that of the first toolchain runs, and the record says which', async () => {
  const [one, other] = [aToolchain('#!/bin/sh\n#1\n'), aToolchain('#!/bin/sh\n#2\n')]
  expect(await binaryIn([one, other])).toMatchObject({ path: join(one, 'our-tool') })
  expect(await binaryIn([other, one])).toMatchObject({
    path: join(other, 'our-tool'),
    sha256: sha256('#!/bin/sh\n#2\n'),
  })
})

test('a program that is put first on the PATH of whoever starts us is not found at all', async () => {
  const folder = aToolchain('#!/bin/sh\n')
  expect(await binaryIn([], `${folder}${delimiter}${thisMachine().path}`)).toBe('no-such-binary')
})
