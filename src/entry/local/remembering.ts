import { setImmediate } from 'node:timers/promises'
import type { ObjectReads } from '../../adapters/git/local-repository.ts'
import type { ObjectId } from '../../domain/hash.ts'

/** An object never changes, so what was read once need not be read again: each reading starts a process. */
export function remembering({ commit, tree, blobs }: ObjectReads): ObjectReads {
  return { commit: once(commit), tree: once(tree), blobs: onceEach(gathered(blobs)) }
}

/** Beyond this what is read is not kept any more: a batch of many small questions gains, a large reading costs no memory. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024

function onceEach(read: ObjectReads['blobs']): ObjectReads['blobs'] {
  const known = new Map<ObjectId, Uint8Array>()
  let room = MAX_KEPT_BYTES
  return async (ids) => {
    const absent = ids.filter((id) => !known.has(id))
    const found = absent.length === 0 ? new Map<ObjectId, Uint8Array>() : await read(absent)
    const all = new Map(
      ids.flatMap((id) => [known.get(id) ?? found.get(id)].flatMap((one) => (one ? [[id, one]] : []))),
    )
    for (const [id, bytes] of found) {
      if (bytes.length > room || known.has(id)) continue
      known.set(id, bytes)
      room -= bytes.length
    }
    return all
  }
}

/** What is asked for in one turn is read at once; where that cannot be, each question stands for itself. */
function gathered(read: ObjectReads['blobs']): ObjectReads['blobs'] {
  let turn: { readonly ids: Set<ObjectId>; readonly found: ReturnType<typeof read> } | undefined
  const begin = () => {
    const ids = new Set<ObjectId>()
    const found = setImmediate().then(() => {
      turn = undefined
      return read([...ids])
    })
    return { ids, found }
  }
  return async (asked) => {
    turn ??= begin()
    const { ids, found } = turn
    for (const id of asked) ids.add(id)
    try {
      return await found
    } catch (error) {
      if (ids.size === asked.length) throw error
      return read(asked)
    }
  }
}

function once<T>(read: (id: ObjectId) => Promise<T>): (id: ObjectId) => Promise<T> {
  const known = new Map<ObjectId, Promise<T>>()
  return (id) => {
    const found = known.get(id) ?? read(id)
    known.set(id, found)
    return found
  }
}
