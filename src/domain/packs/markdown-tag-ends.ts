/** What the HTML standard's tokenizer does inside a tag: a row for each state, a column for each sort of character. */
const NAME = 0
const BEFORE_ATTRIBUTE = 1
const ATTRIBUTE = 2
const AFTER_ATTRIBUTE = 3
const BEFORE_VALUE = 4
const BARE_VALUE = 5
const DOUBLE = 6
const SINGLE = 7
const END = 8

/** The sorts are: any other, space, `/`, `>`, `=`, `"` and `'`. */
const SORTS = 7
const STEPS: Readonly<Uint8Array> = Uint8Array.from(
  [
    [NAME, BEFORE_ATTRIBUTE, BEFORE_ATTRIBUTE, END, NAME, NAME, NAME],
    [ATTRIBUTE, BEFORE_ATTRIBUTE, BEFORE_ATTRIBUTE, END, ATTRIBUTE, ATTRIBUTE, ATTRIBUTE],
    [ATTRIBUTE, AFTER_ATTRIBUTE, BEFORE_ATTRIBUTE, END, BEFORE_VALUE, ATTRIBUTE, ATTRIBUTE],
    [ATTRIBUTE, AFTER_ATTRIBUTE, BEFORE_ATTRIBUTE, END, BEFORE_VALUE, ATTRIBUTE, ATTRIBUTE],
    [BARE_VALUE, BEFORE_VALUE, BARE_VALUE, END, BARE_VALUE, DOUBLE, SINGLE],
    [BARE_VALUE, BEFORE_ATTRIBUTE, BARE_VALUE, END, BARE_VALUE, BARE_VALUE, BARE_VALUE],
    [DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, BEFORE_ATTRIBUTE, DOUBLE],
    [SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, SINGLE, BEFORE_ATTRIBUTE],
  ].flat(),
)
const SORT_OF: ReadonlyMap<number, number> = new Map(
  [' ', '\t', '\n', '\f', '\r']
    .map((space): [number, number] => [space.charCodeAt(0), 1])
    .concat(['/', '>', '=', '"', "'"].map((sign, index): [number, number] => [sign.charCodeAt(0), index + 2])),
)

/**
 * For each place the `>` that ends a tag whose name begins there, -1 where none does. Read backwards, so that one step for
 * each state and character is enough for all places.
 */
export function tagEnds(text: string): Int32Array {
  const ends = new Int32Array(text.length + 1).fill(-1)
  let later = new Int32Array(END).fill(-1)
  let here = new Int32Array(END)
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const sort = SORT_OF.get(text.charCodeAt(at)) ?? 0
    for (let state = 0; state < END; state += 1) {
      const next = STEPS[state * SORTS + sort] ?? END
      here[state] = next === END ? at : (later[next] ?? -1)
    }
    ends[at] = here[NAME] ?? -1
    const spare = later
    later = here
    here = spare
  }
  return ends
}
