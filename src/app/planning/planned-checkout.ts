import type { Entry } from '../../domain/patch/edit.ts'
import { indexTree } from '../../domain/targets/checkout.ts'
import type { Checkout } from '../../domain/targets/target.ts'
import { settleReads } from '../settle-reads.ts'
import type { Scene } from './scene.ts'
import type { Written } from './sketch.ts'

const MAX_BYTES = 1_048_576

/** The files of the base, and as they are to be under what a draft writes. */
export type Checkouts = { readonly base: Checkout; readonly after: Checkout }

/** Asks a pure question about the files before and after a draft; what it reads in vain is fetched. */
export function askCheckouts<T>(
  scene: Pick<Scene, 'entries' | 'reader'>,
  written: ReadonlyMap<string, Written>,
  ask: (checkouts: Checkouts) => T,
): Promise<T> {
  const { entries, reader } = scene
  const bytes = new Map([...written.values()].flatMap((file) => (file?.bytes ? [[file.state.blob, file.bytes]] : [])))
  const tooLarge = new Set([...entries.values()].filter(({ size }) => size > MAX_BYTES).map(({ blob }) => blob))
  const before = indexTree(entries.values())
  const after = indexTree(plannedEntries(scene, written))
  return settleReads(
    (blobs) => reader.blobs(blobs.filter((blob) => !tooLarge.has(blob))),
    (blob) => bytes.get(blob),
    (read) => ask({ base: before(read), after: after(read) }),
  )
}

export function plannedEntries(
  { entries }: Pick<Scene, 'entries'>,
  written: ReadonlyMap<string, Written>,
): readonly Entry[] {
  const planned = new Map<string, Entry>(entries)
  for (const [path, file] of written) {
    if (file === null) planned.delete(path)
    else planned.set(path, { path, ...file.state })
  }
  return [...planned.values()]
}
