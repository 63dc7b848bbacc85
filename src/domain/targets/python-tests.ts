import { plainNames, type TargetReader, unreadable } from './target.ts'

/** The functions and classes that a Python test file defines or takes from elsewhere. */
export const pythonTests: TargetReader = {
  ...plainNames,
  noun: 'test',
  read(checkout, path) {
    if (checkout.kind(path) !== 'file') return null
    const text = checkout.text(path)
    if (text === undefined) return unreadable(path)
    const defined = [...text.matchAll(/^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+([^\s(:[]+)/gmu)]
    const imported = [...text.matchAll(/^from[ \t]+\S+[ \t]+import[ \t]+\(?([^#()]+)/gm)].flatMap(([, names = '']) =>
      names.split(',').map((name) => (/\bas\s+(\S+)/.exec(name)?.[1] ?? name).trim()),
    )
    const names = [...defined.map(([, name = '']) => name), ...imported.filter((name) => /^\w+$/u.test(name))]
    return { names: [...new Set(names)].slice(0, 1000), unsure: doubt(text) }
  },
}

/** Tests that are inherited or made while the file is loaded are not written down under their names. */
function doubt(text: string): string | null {
  if (/^from[ \t]+\S+[ \t]+import[ \t]+\*/m.test(text)) return 'the file takes all names of another module'
  if (
    /^[ \t]*class[ \t]+[^\s(:]+[ \t]*\([ \t]*(?!\)|object\b|(?:unittest\.)?(?:IsolatedAsyncio)?TestCase\b)/m.test(text)
  )
    return 'a class of the file inherits from another'
  return /\bsetattr\(|\bglobals\(\)/.test(text) ? 'the file makes names while it is loaded' : null
}
