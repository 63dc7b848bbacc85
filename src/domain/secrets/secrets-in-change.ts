import { z } from 'zod'
import { fromUtf8, toUtf8 } from '../patch/bytes.ts'
import type { Content, Edit, FileState } from '../patch/edit.ts'
import { toCharacters } from './bytes-text.ts'
import { REMOVAL_MARK } from './redact.ts'
import type { SecretFilter } from './secret-filter.ts'

/** A secret that a change would bring in: its kind and place. `line` is 0 where the path itself holds it. */
export const SecretFound = z.strictObject({
  kind: z.string().max(100),
  path: z.string().max(4096),
  line: z.int().min(0),
})
export type SecretFound = z.infer<typeof SecretFound>

/** What a copied mark counts as: whoever wrote it never saw the secret that stood there, and would destroy it. */
export const COPIED_MARK = 'removal-mark'

export const MOST_SECRETS = 200

export type SecretsSeen = {
  /** What the edits bring in. */
  readonly brought: SecretFound[]
  /** What stood in the same file before and stays; it is not held against the edits, and whoever approves is told. */
  readonly standing: SecretFound[]
}

/** The secrets in files as the edits leave them, and whether it is they who brought them in. */
export function secretsInChange(edits: readonly Edit[], contents: Content, filter: SecretFilter): SecretsSeen {
  const seen = edits.map(({ path, before, after }) => {
    if (after === null) return { brought: [], standing: [] }
    const shown = filter.text(path)
    const inPath = before === null ? filter.find(toUtf8(path)).map(({ kind }) => ({ kind, path: shown, line: 0 })) : []
    const { brought, standing } = secretsInFile(bytesOf(before, contents), bytesOf(after, contents), filter)
    const placed = (one: Omit<SecretFound, 'path'>): SecretFound => ({ ...one, path: shown })
    return { brought: [...inPath, ...brought.map(placed)], standing: standing.map(placed) }
  })
  return {
    brought: seen.flatMap(({ brought }) => brought).slice(0, MOST_SECRETS),
    standing: seen.flatMap(({ standing }) => standing).slice(0, MOST_SECRETS),
  }
}

type Found = ReturnType<SecretFilter['find']>[number]
type InFile = { readonly [K in keyof SecretsSeen]: Omit<SecretFound, 'path'>[] }

function secretsInFile(before: Uint8Array, after: Uint8Array, filter: SecretFilter): InFile {
  const found = filter.find(after)
  const known = found.length === 0 ? [] : filter.find(before)
  const there = new Set(known.map(({ start, end }) => toCharacters(before.subarray(start, end))))
  const isOld = ({ start, end }: Found) => there.has(toCharacters(after.subarray(start, end)))
  const place = ({ kind, start }: Found) => ({ kind, line: lineAt(after, start) })
  const fresh = found.filter((one) => !isOld(one)).map(place)
  const mark = markBroughtIn(before, after)
  const brought = mark === undefined ? fresh : [...fresh, { kind: COPIED_MARK, line: mark }]
  return { brought, standing: found.filter(isOld).map(place) }
}

function markBroughtIn(before: Uint8Array, after: Uint8Array): number | undefined {
  const old = new Set((fromUtf8(before) ?? '').split('\n'))
  const line = (fromUtf8(after) ?? '').split('\n').findIndex((one) => REMOVAL_MARK.test(one) && !old.has(one))
  return line < 0 ? undefined : line + 1
}

const EMPTY = new Uint8Array()

function bytesOf(state: FileState | null, contents: Content): Uint8Array {
  return state === null || state.mode === '160000' ? EMPTY : (contents.get(state.blob) ?? EMPTY)
}

function lineAt(bytes: Uint8Array, at: number): number {
  let line = 1
  for (let i = 0; i < at; i += 1) if (bytes[i] === 0x0a) line += 1
  return line
}
