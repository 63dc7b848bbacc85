/** A text with the places, by UTF-16 units, of the words that were put into it. */
export type Placed = { readonly text: string; readonly words: readonly Place[] }
export type Place = readonly [start: number, end: number]

/** A template whose every `${}` is a place of the words. */
export function placed(parts: TemplateStringsArray, ...words: readonly string[]): Placed {
  let text = parts[0] ?? ''
  const places: Place[] = []
  for (const [index, word] of words.entries()) {
    places.push([text.length, text.length + word.length])
    text += word + (parts[index + 1] ?? '')
  }
  return { text, words: places }
}

/** The same inside of another text. */
export function within(before: string, { text, words }: Placed, after: string): Placed {
  return {
    text: before + text + after,
    words: words.map(([start, end]) => [start + before.length, end + before.length]),
  }
}
