import { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { keyFromEnv, loadOrMakeKey } from '../../../src/adapters/signing/keys.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the signing key', () => {
  it('is made on first use, read by its owner only, and the same ever after', async () => {
    const made = await loadOrMakeKey(join(folder, 'data'))
    expect((await stat(join(folder, 'data', 'signing-key'))).mode & 0o777).toBe(0o600)
    expect((await loadOrMakeKey(join(folder, 'data'))).keyid).toBe(made.keyid)
    expect(await readdir(join(folder, 'data'))).toEqual(['signing-key'])
  })

  it('is one key, however many processes make it at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => loadOrMakeKey(folder)))
    expect(new Set(made.map((signer) => signer.keyid)).size).toBe(1)
  })

  it('is refused when others may read it, when it is a link and when it is no key', async () => {
    await loadOrMakeKey(folder)
    const file = join(folder, 'signing-key')
    await chmod(file, 0o644)
    await expect(loadOrMakeKey(folder)).rejects.toThrow('chmod 600')
    await writeFile(file, 'short')
    await chmod(file, 0o600)
    await expect(loadOrMakeKey(folder)).rejects.toThrow('does not hold a signing key')
    await rm(file)
    await writeFile(join(folder, 'elsewhere'), Buffer.alloc(32).toString('base64'), { mode: 0o600 })
    await symlink('elsewhere', file)
    await expect(loadOrMakeKey(folder)).rejects.toThrow('not an ordinary file')
  })

  it('comes from the environment as the base64 of 32 bytes and in no other form', () => {
    const seed = Buffer.alloc(32, 9)
    const read = keyFromEnv(seed.toString('base64'))
    expect(read.ok && read.value.keyid).toBe(ed25519Signer(seed).keyid)
    for (const wrong of [
      '',
      'x',
      seed.toString('hex'),
      seed.subarray(1).toString('base64'),
      `${seed.toString('base64')}!`,
    ]) {
      expect(keyFromEnv(wrong).ok).toBe(false)
    }
  })
})
