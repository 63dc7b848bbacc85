import { fromUtf8 } from '../patch/bytes.ts'
import type { Entry } from '../patch/edit.ts'
import type { Checkout, FileKind } from './target.ts'

const MAX_BYTES = 1_048_576

type Read = (blob: string) => Uint8Array | undefined

/** The checkout of a tree. `read` gives the bytes of a blob where it has them. */
export function toCheckout(entries: Iterable<Entry>, read: Read): Checkout {
  return indexTree(entries)(read)
}

/** Indexes a tree once, for checkouts that differ in what has been read. */
export function indexTree(entries: Iterable<Entry>): (read: Read) => Checkout {
  const kinds = new Map<string, FileKind>()
  const blobs = new Map<string, string>()
  for (const { path, mode, blob } of entries) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      kinds.set(path.slice(0, slash), 'directory')
    }
    kinds.set(path, mode === '120000' ? 'symlink' : mode === '160000' ? 'directory' : 'file')
    if (mode === '100644' || mode === '100755') blobs.set(path, blob)
  }
  const below = (folder: string) => [...blobs.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`))
  return (read) => ({
    kind: (path) => kinds.get(path) ?? null,
    below,
    text: (path) => {
      const blob = blobs.get(path)
      const bytes = blob === undefined ? undefined : read(blob)
      return bytes === undefined || bytes.length > MAX_BYTES ? undefined : fromUtf8(bytes)
    },
  })
}
