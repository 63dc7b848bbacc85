import { randomBytes } from 'node:crypto'
import { link, lstat, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readBase64 } from '../../app/base64.ts'
import type { Signer } from '../../app/ports.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { ed25519Signer, SEED_BYTES } from './ed25519.ts'

/** The key's file cannot be trusted or read. The message names the file and never its content. */
class UnusableKey extends Error {
  override readonly name = 'UnusableKey'
}

/** The signer whose seed lies in `signing-key` of this folder, which is made on first use; only its owner may read it. */
export async function loadOrMakeKey(folder: string): Promise<Signer> {
  const file = join(folder, 'signing-key')
  await mkdir(folder, { recursive: true })
  const kept = await readKey(file)
  if (kept !== undefined) return kept
  await makeKey(file)
  const made = await readKey(file)
  if (made === undefined) throw new UnusableKey(`${file} vanished while it was being made`)
  return made
}

/** The signer of an environment variable: the base64 of a 32-byte seed. The refusal never holds it. */
export function keyFromEnv(value: string): Result<Signer, string> {
  const seed = readBase64(value.trim())
  if (seed?.length === SEED_BYTES) return ok(ed25519Signer(seed))
  return refuse(`is not the base64 of ${SEED_BYTES} bytes`)
}

/** The signer whose seed lies in this file; undefined where there is none. */
export function loadKey(folder: string, name: string): Promise<Signer | undefined> {
  return readKey(join(folder, name))
}

async function readKey(file: string): Promise<Signer | undefined> {
  const found = await lstat(file).catch(absent)
  if (found === undefined) return undefined
  if (!found.isFile()) throw new UnusableKey(`${file} is not an ordinary file`)
  if ((found.mode & 0o077) !== 0) throw new UnusableKey(`${file} can be read by others: run chmod 600 on it`)
  const seed = readBase64((await readFile(file, 'utf8')).trim())
  if (seed?.length !== SEED_BYTES) throw new UnusableKey(`${file} does not hold a signing key`)
  return ed25519Signer(seed)
}

/** Writes the whole file under another name first; the one that links it to its name first wins. */
async function makeKey(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(SEED_BYTES).toString('base64')}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, file)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw new UnusableKey(`${file} cannot be made`, { cause: error })
  } finally {
    await unlink(draft)
  }
}

function absent(error: unknown): undefined {
  if (isCode(error, 'ENOENT')) return undefined
  throw error
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
