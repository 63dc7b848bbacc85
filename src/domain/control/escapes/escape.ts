/**
 * One way in which a program that looks harmless runs, writes or reads something else. `@` in a base is where an option
 * stands; in both, `{run}` is a program to be started, `{code}` a shell command as one word, `{out}` a file and `{dir}` a
 * folder outside the checkout, `{read}` a file outside of it, and `_` between braces (`{_}`) a blank within a word.
 */
export type Family = {
  readonly program: string
  readonly because: string
  readonly bases: readonly string[]
  readonly options: readonly string[]
}

/** What stands for the placeholders. */
export type Places = {
  readonly run: string
  readonly code: string
  readonly out: string
  readonly dir: string
  readonly read: string
}

/** A known escape with the family it belongs to. */
export type Escape = { readonly argv: readonly string[]; readonly because: string }

/** `program: because`, then lines of `= base` and of options, one a line. */
export function families(text: string): readonly Family[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const [head = '', ...lines] = block.split('\n').map((line) => line.trim())
      const colon = head.indexOf(': ')
      const bases = lines.filter((line) => line.startsWith('= ')).map((line) => line.slice(2))
      const options = lines.filter((line) => !line.startsWith('= '))
      return { program: head.slice(0, colon), because: head.slice(colon + 2), bases, options }
    })
}

/** Every option of a family in every base. */
export function escapesOf({ program, because, bases, options }: Family, places: Places): readonly Escape[] {
  const lines = bases.length === 0 ? ['@'] : bases
  return lines.flatMap((base) =>
    options.map((option) => ({
      argv: `${program} ${base.replace('@', option)}`
        .split(/ +/)
        .filter((word) => word !== '')
        .map(filled(places)),
      because,
    })),
  )
}

function filled(places: Places): (word: string) => string {
  return (word) =>
    word
      .replaceAll('{_}', ' ')
      .replaceAll('{run}', places.run)
      .replaceAll('{code}', places.code)
      .replaceAll('{out}', places.out)
      .replaceAll('{dir}', places.dir)
      .replaceAll('{read}', places.read)
}
