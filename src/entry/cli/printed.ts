import { showText } from '../../domain/patch/hidden-text.ts'

/** What a command printed, byte for byte; on a terminal, text in which nothing moves, hides or rewrites what is shown. */
export function printed(bytes: Uint8Array, to: { readonly isTTY?: boolean }): Uint8Array | string {
  if (to.isTTY !== true) return bytes
  const parts = Buffer.from(bytes)
    .toString('utf8')
    .split(/(\r?\n|\t)/)
  return parts.map((part, i) => (i % 2 === 1 ? part : showText(part))).join('')
}
