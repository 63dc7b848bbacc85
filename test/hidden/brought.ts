import { execFileSync } from 'node:child_process'
import { readVisible } from '../../src/domain/packs/intent-text.ts'
import { type Setting, textFaults } from '../support/hidden/faults.ts'

/** A text of somebody else's collection, and where it is known the words that its page shows. */
export type Brought = { readonly about: string; readonly text: string; readonly page: string | null }

/** The cases of a collection that lies as a Git repository on this machine. */
export function broughtFrom(name: string, dir: string): readonly Brought[] {
  const paths = git(dir, ['ls-tree', '-r', '--name-only', '-z', 'HEAD']).split('\0')
  if (paths.includes('spec.txt')) return examplesIn(git(dir, ['show', 'HEAD:spec.txt']))
  const strings = paths.find((path) => path.endsWith('blns.json'))
  if (strings !== undefined) return stringsIn(git(dir, ['show', `HEAD:${strings}`]))
  return paths
    .filter((path) => path !== '')
    .flatMap((path) => {
      const text = git(dir, ['show', `HEAD:${path}`]).slice(0, 65_536)
      return [
        { about: `${name} ${path}`, text, page: null },
        { about: `${name} ${path}, fenced`, text: `Fix it\n\n\`\`\`\`\n${text}\n\`\`\`\`\n`, page: null },
      ]
    })
}

function git(dir: string, args: readonly string[]): string {
  return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
}

/** The examples of CommonMark's specification: a text, a line with a full stop, and the page. */
function examplesIn(spec: string): readonly Brought[] {
  return Array.from(
    spec.matchAll(/^`{32} example[^\n]*\n([^]*?)^\.\n([^]*?)^`{32}$/gm),
    ([, text = '', page = ''], at) => ({
      about: `example ${at + 1}`,
      text: text.replaceAll('\u2192', '\t'),
      page: page.replaceAll('\u2192', '\t'),
    }),
  )
}

function stringsIn(json: string): readonly Brought[] {
  const strings: unknown = JSON.parse(json)
  if (!Array.isArray(strings)) throw new Error('these are no strings')
  return strings.map((one, at) => ({ about: `string ${at + 1}`, text: String(one), page: null }))
}

/** What goes wrong with it; beside the rest, each word that is taken to be seen is a word of the page. */
export function broughtFaults({ text, page }: Brought, setting: Setting): readonly string[] {
  const shown = page === null ? [] : wordsIn(readVisible(text).visible)
  const seen = page === null ? '' : plainOf(page)
  return [
    ...textFaults(text, setting),
    ...shown.filter((word) => !seen.includes(word)).map((word) => `${word} is not on the page`),
  ]
}

/** The words as they stand there; the numbers of a list are drawn by browsers, and references with names are left as they are. */
function wordsIn(text: string): readonly string[] {
  const plain = text.replaceAll(/^[\s>*+-]*(?:\d{1,9}[.)](?=\s|$)[\s>*+-]*)+/gm, '').replaceAll(/&[a-z]\w+;/gi, ' ')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The text of a page, with the plain addresses of its links, which stand beside their texts. */
function plainOf(page: string): string {
  const addresses = Array.from(page.matchAll(/ href="([^"]*)"/g), ([, address = '']) => address).join(' ')
  const text = page.replaceAll(/<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<(?:"[^"]*"|'[^']*'|[^'">])*>/g, '')
  return `${text} ${addresses} ${decodeURI(addresses.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'))}`
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
