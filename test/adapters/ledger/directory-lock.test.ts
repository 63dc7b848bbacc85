import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DirectoryTaken, lockDirectory } from '../../../src/adapters/ledger/directory-lock.ts'
import { nextLine, startChild } from './child.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentos-lock-'))
  path = join(directory, 'ledger.lock')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

it('a lock that was given back can be taken again and leaves nothing behind', async () => {
  const unlock = await lockDirectory(path, directory)
  await expect(lockDirectory(path, directory)).rejects.toThrow(DirectoryTaken)
  await unlock()
  await unlock()
  await (await lockDirectory(path, directory))()
  expect(await readdir(directory)).toEqual([])
})

it('a lock held by another process is refused with that process named, and taken over once it is dead', async () => {
  const child = startChild('holder', path)
  expect(await nextLine(child)).toBe('held')
  await expect(lockDirectory(path, directory)).rejects.toThrow(`process ${child.pid}`)
  await child.kill()
  await (await lockDirectory(path, directory))()
  expect(await readdir(directory)).toEqual([])
})

it('a pid that was given to another process since is not mistaken for the holder', async () => {
  await lockDirectory(path, directory)
  const mine: unknown = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...Object(mine), started: '1' }))
  await lockDirectory(path, directory)
  await expect(lockDirectory(path, directory)).rejects.toThrow(DirectoryTaken)
})

it('one of several processes takes over the lock of a dead one', async () => {
  const dead = startChild('holder', path)
  await nextLine(dead)
  await dead.kill()
  const rivals = Array.from({ length: 5 }, () => startChild('holder', path))
  const said = await Promise.all(rivals.map(nextLine))
  expect(said.sort()).toEqual([...Array.from({ length: 4 }, () => 'DirectoryTaken'), 'held'])
  await Promise.all(rivals.map((rival) => rival.finish()))
})

it('a lock that cannot be read is not taken over', async () => {
  await writeFile(path, 'not a lock')
  await expect(lockDirectory(path, directory)).rejects.toThrow()
  expect(await readFile(path, 'utf8')).toBe('not a lock')
})
