/** What stands at a path of a checkout. */
export type FileKind = 'file' | 'directory' | 'symlink'

/** One state of the files, as far as it can be read; `''` is the root. */
export type Checkout = {
  readonly kind: (path: string) => FileKind | null
  /** The plain files at or below a folder. */
  readonly below: (folder: string) => readonly string[]
  /** The text of a plain file; undefined where there is none, where it is too large and where it is not UTF-8. */
  readonly text: (path: string) => string | undefined
}

/** The names that a place declares. `unsure` says why there may be more of them than could be read. */
export type Declared = { readonly names: readonly string[]; readonly unsure: string | null }

/** Finds out which names of one kind a place of the checkout declares. */
export type TargetReader = {
  /** What people call one of them. */
  readonly noun: string
  /** What joins a name of the policy to the rest of a longer one, as `:` in `test:unit`. */
  readonly joint: string | null
  /** What separates several names in one word. */
  readonly separator: string | null
  /** Whether a declared `%` stands for any text. */
  readonly isPattern: boolean
  /** Null where the place declares nothing of the kind at all. */
  readonly read: (checkout: Checkout, at: string) => Declared | null
}

export const plainNames = { joint: null, separator: null, isPattern: false } as const

export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** A path that a file of `folder` names, from the root; undefined where it leaves the checkout. */
export function resolveIn(folder: string, name: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/')
  if (name.startsWith('/')) return undefined
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

/** The first of these files of a folder that is there. */
export function firstFile(checkout: Checkout, folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => pathIn(folder, name)).find((path) => checkout.kind(path) === 'file')
}

export const unreadable = (path: string): Declared => ({ names: [], unsure: `${path} is too large or not UTF-8 text` })
