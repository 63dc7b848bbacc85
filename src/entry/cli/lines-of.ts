const LONGEST = 64 * 1024 * 1024

/** What has arrived of a line; the parts of one that grew too long are let go. */
type Open = { readonly parts: string[]; length: number }

/** The lines of a text in groups, as they arrive; null stands for a line that is too long to be held. */
export async function* linesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<readonly (string | null)[]> {
  const open: Open = { parts: [], length: 0 }
  for await (const chunk of chunks) {
    const parts = String(chunk).split('\n')
    const ended = parts.slice(0, -1).map((part) => close(open, part))
    hold(open, parts.at(-1) ?? '')
    yield ended
  }
  yield [close(open, '')]
}

function hold(open: Open, part: string): void {
  open.length += part.length
  if (open.length > LONGEST) open.parts.length = 0
  else open.parts.push(part)
}

function close(open: Open, part: string): string | null {
  hold(open, part)
  const line = open.length > LONGEST ? null : open.parts.join('')
  open.parts.length = 0
  open.length = 0
  return line
}
