import { z } from 'zod'
import type { ObjectId } from '../hash.ts'
import { type BaseFiles, stateAt } from './base-files.ts'
import { nearPaths } from './near-paths.ts'

/** Whether a draft's evidence leads anywhere; if not, why not and what is there instead. */
export const EvidenceFact = z.strictObject({
  ref: z.string().max(500),
  fault: z.string().max(300).nullable(),
  near: z.array(z.string().max(4096)).max(3),
})
export type EvidenceFact = z.infer<typeof EvidenceFact>

/** What evidence may lead to: the base commit, comments of this run, and events that the MemoryPack cites. */
export type Sources = {
  readonly base: {
    readonly sha: ObjectId
    readonly files: BaseFiles
    readonly text: (path: string) => string | undefined
  }
  readonly comments: readonly string[]
  readonly events: readonly { readonly stream: string; readonly seq: number }[]
}

/**
 * A reference is a file of the base as `path@blob` or `path@commit`, with `:line` or `:from-to` behind the path or the id
 * where lines are meant, or `path:line`; or `comment:ID` of this run; or `event:STREAM#SEQ` of an item of the MemoryPack.
 */
export function evidenceFact(ref: string, sources: Sources): EvidenceFact {
  const fault = faultOf(ref, sources)
  return typeof fault === 'string'
    ? { ref, fault, near: [] }
    : { ref, fault: fault?.because ?? null, near: fault?.near ?? [] }
}

type Fault = string | { readonly because: string; readonly near: string[] } | undefined

function faultOf(ref: string, { base, comments, events }: Sources): Fault {
  const comment = /^comment:(\d{1,32})$/.exec(ref)?.[1]
  if (comment !== undefined) return comments.includes(comment) ? undefined : 'it is no comment of this run'
  const [, stream, seq] = /^event:(.+)#(\d{1,15})$/u.exec(ref) ?? []
  if (stream !== undefined) {
    const isCited = events.some((event) => event.stream === stream && String(event.seq) === seq)
    return isCited ? undefined : 'it is no event that the MemoryPack cites'
  }
  return fileFault(ref, base)
}

type Pinned = { readonly path: string; readonly id: string | null; readonly from: number; readonly to: number }

const PINNED = /^(.+?)(?::(\d{1,9})(?:-(\d{1,9}))?)?@([0-9a-f]{40})(?::(\d{1,9})(?:-(\d{1,9}))?)?$/su
const LINES = /^(.+?):(\d{1,9})(?:-(\d{1,9}))?$/su

function readReference(ref: string): Pinned | undefined {
  const pinned = PINNED.exec(ref)
  if (pinned !== null) {
    const [, path = '', before, beforeTo, id = '', after, afterTo] = pinned
    return { path, id, ...linesOf(before ?? after, beforeTo ?? afterTo) }
  }
  const [, path, from, to] = LINES.exec(ref) ?? []
  return path === undefined ? undefined : { path, id: null, ...linesOf(from, to) }
}

/** Lines count from 1; 0 stands for no line at all. */
function linesOf(from: string | undefined, to: string | undefined): Pick<Pinned, 'from' | 'to'> {
  return from === undefined ? { from: 0, to: 0 } : { from: Number(from), to: Number(to ?? from) }
}

function fileFault(ref: string, base: Sources['base']): Fault {
  const at = readReference(ref)
  if (at === undefined) {
    const near = nearPaths(ref, base.files.entries.keys())
    return { because: 'it says neither which blob or commit nor which line', near: [...near] }
  }
  const state = stateAt(base.files, at.path)
  if (state === null)
    return {
      because: `the base has no file ${at.path.slice(0, 200)}`,
      near: [...nearPaths(at.path, base.files.entries.keys())],
    }
  if (at.id !== null && at.id !== state.blob && at.id !== base.sha) return 'the base has other content at that path'
  return lineFault(at, base)
}

function lineFault({ path, id, from, to }: Pinned, { text }: Sources['base']): Fault {
  if (from === 0 && to === 0 && id !== null) return undefined
  const content = text(path)
  if (content === undefined) return 'the file is not text that has lines'
  const lines = content === '' ? 0 : content.replace(/\n$/, '').split('\n').length
  return from >= 1 && from <= to && to <= lines ? undefined : `the file has ${lines} lines`
}
