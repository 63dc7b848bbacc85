import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BaseCheckout, type Checkout, CheckoutFailed } from '../../app/runner/ports.ts'
import { ObjectId } from '../../domain/hash.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { type Entry, FileMode } from '../../domain/patch/edit.ts'
import { git } from './git-process.ts'

export type Remote = {
  /** The repository's address, without credentials. */
  readonly url: string
  readonly token: string
  /** An empty folder that nobody else can look into. */
  readonly folder: string
}

/** Fetches one commit by its id, without history, and reads it object by object: git never writes a working tree here. */
export function fetchBase(remote: Remote): Checkout {
  return async (commit) => {
    try {
      return await fetched(remote, commit)
    } catch (error) {
      throw new CheckoutFailed(`the base commit ${commit} cannot be fetched: ${reasonOf(error)}`, { cause: error })
    }
  }
}

async function fetched({ url, token, folder }: Remote, commit: ObjectId): Promise<BaseCheckout> {
  const { protocol, origin } = new URL(url)
  const name = protocol.slice(0, -1)
  if (name !== 'https' && !isLoopback(url)) throw new CheckoutFailed('its address is neither https nor on this machine')
  await git({ folder, args: ['init', '--quiet', '--template='] })
  await git({
    folder,
    args: ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', url, commit],
    config: {
      [`protocol.${name}.allow`]: 'always',
      [`http.${origin}/.extraheader`]: `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    },
  })
  const tree = ObjectId.parse(
    (await git({ folder, args: ['rev-parse', '--verify', `${commit}^{tree}`] })).toString().trim(),
  )
  const entries = parseTree(await git({ folder, args: ['ls-tree', '-r', '-z', '--full-tree', commit] }))
  const read = (blobs: readonly ObjectId[]) => readBlobs(folder, blobs)
  return { tree, entries, read, exportTo: (target) => exportTo(target, entries, read) }
}

function isLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && (hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost')
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}

function parseTree(listing: Buffer): readonly Entry[] {
  const text = fromUtf8(listing)
  if (text === undefined) throw new CheckoutFailed('it holds a path that is not UTF-8')
  return text
    .split('\0')
    .slice(0, -1)
    .map((line) => {
      const [, mode, blob, path] = /^(\d{6}) [a-z]+ ([0-9a-f]{40})\t([^]+)$/.exec(line) ?? []
      const known = FileMode.safeParse(mode)
      if (!known.success || blob === undefined || path === undefined) {
        throw new CheckoutFailed('it holds an entry of an unknown kind')
      }
      return { path, mode: known.data, blob }
    })
}

const LF = 10

/** Answers of `cat-file --batch`: a head line, the bytes, a line feed. */
async function readBlobs(folder: string, ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Uint8Array>> {
  const blobs = new Map<ObjectId, Uint8Array>()
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return blobs
  const answer = await git({ folder, args: ['cat-file', '--batch'], input: wanted.map((id) => `${id}\n`).join('') })
  let at = 0
  for (const id of wanted) {
    const end = answer.indexOf(LF, at)
    const size = /^[0-9a-f]{40} blob (\d+)$/.exec(answer.toString('latin1', at, end))?.[1]
    if (end === -1 || size === undefined) throw new CheckoutFailed(`the blob ${id} is not there`)
    const start = end + 1
    blobs.set(id, new Uint8Array(answer.subarray(start, start + Number(size))))
    at = start + Number(size) + 1
  }
  return blobs
}

const BATCH = 500

async function exportTo(
  target: string,
  entries: readonly Entry[],
  read: (blobs: readonly ObjectId[]) => Promise<ReadonlyMap<ObjectId, Uint8Array>>,
): Promise<void> {
  mkdirSync(target, { mode: 0o755 })
  const files = entries.filter((entry) => entry.mode !== '160000')
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH)
    const blobs = await read(batch.map((entry) => entry.blob))
    for (const entry of batch) writeEntry(target, entry, blobs.get(entry.blob))
  }
}

/** The tree is sorted and holds no path twice, and a link is written only where nothing is, so no path leads through one. */
function writeEntry(root: string, { path, mode }: Entry, bytes: Uint8Array | undefined): void {
  if (bytes === undefined || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new CheckoutFailed('it holds a path that cannot be written')
  }
  const target = join(root, path)
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  if (mode === '120000') return symlinkSync(Buffer.from(bytes), target)
  writeFileSync(target, bytes, { flag: 'wx' })
  chmodSync(target, mode === '100755' ? 0o755 : 0o644)
}
