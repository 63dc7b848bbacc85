import { fromUtf8 } from '../patch/bytes.ts'
import type { Finding } from './finding.ts'

/** What stands in the place of a secret. */
export function removalMark(kind: string): string {
  return `[secret removed: ${kind}]`
}

/** A mark that stands in a text: what was read had a secret there, and whoever copies it would lose it. */
export const REMOVAL_MARK = /\[secret removed: [A-Za-z0-9_-]{1,100}\]/

/** The text with a mark in the place of each finding. */
export function redacted(bytes: Uint8Array, findings: readonly Finding[]): string {
  const parts: string[] = []
  let from = 0
  for (const { kind, start, end } of findings) {
    parts.push(decode(bytes.subarray(from, start)), removalMark(kind))
    from = end
  }
  return [...parts, decode(bytes.subarray(from))].join('')
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

function decode(bytes: Uint8Array): string {
  return fromUtf8(bytes) ?? lenient.decode(bytes)
}
