import { moduleFiles } from '../targets/started-files.ts'
import type { CommandGrammar } from './command-rule.ts'
import { wordsUnder } from './match-grammar.ts'
import type { Policy } from './policy.ts'
import { unwrap } from './wrappers.ts'

/**
 * The files and folders that a command names, as patterns of protected paths: its program, where it is a path, and every
 * word that may be one. A target that the repository declares by name is none, nor is the folder that the command is about.
 */
export function pathsNamedBy(argv: readonly string[], { commands }: Pick<Policy, 'commands'>): readonly string[] {
  const [program = '', ...words] = unwrap(argv)?.argv ?? argv
  const name = program.replace(/^\.\//, '')
  const read = commands.flatMap((rule) => {
    const rest = rule.program.replace(/^\.\//, '') === name ? wordsUnder(rule, words) : undefined
    return rule.decision === 'deny' || rest === undefined ? [] : [wordsOf(rule, rest)]
  })
  const paths = read.length === 0 ? words : read.flatMap((each) => each.paths)
  const start = read.some((each) => each.isPlaced) ? '**/' : '/'
  const named = [...(program.includes('/') ? [name] : []), ...paths.flatMap(valuesIn)].map(toPath)
  const modules = paths.flatMap(valuesIn).flatMap(moduleFiles)
  return [...named.filter((path) => path !== ''), ...modules].flatMap((path) => [
    `${start}${path}`,
    `${start}${path}.*`,
  ])
}

type Read = { readonly paths: readonly string[]; readonly isPlaced: boolean }

function wordsOf(rule: CommandGrammar, rest: readonly string[]): Read {
  const namesTargets = rule.operands.some(({ word }) => word.is === 'target')
  const dashes = rest.includes('--') ? rest.indexOf('--') : rest.length
  const isValue = (i: number) => rule.values.some(({ names }) => names.includes(rest[i - 1] ?? ''))
  const placing = rule.values.filter(({ word }) => word.is === 'folder' || word.is === 'workspace')
  const placingNames = placing.flatMap(({ names }) => names)
  const isPlace = (word: string) => placingNames.includes(word) || placingNames.includes(word.split('=')[0] ?? '')
  const paths = rest.filter((word, i) => {
    if (i > dashes) return true
    if (isPlace(word) || placingNames.includes(rest[i - 1] ?? '')) return false
    return !namesTargets || word.startsWith('-') || word.includes('/') || isValue(i)
  })
  const isWorkspace = rule.operands.some(({ word }) => word.is === 'workspace')
  return { paths, isPlaced: isWorkspace || rest.slice(0, dashes).some(isPlace) }
}

/** An option may carry its value: `--config=a/b`, `-ca/b`. */
function valuesIn(word: string): readonly string[] {
  if (!word.startsWith('-')) return [word]
  if (word.includes('=')) return [word.slice(word.indexOf('=') + 1)]
  return word.startsWith('--') ? [] : [word.slice(2)]
}

/** Without what names a part of a file or a package (`::test`, `:12`, `/...`), and with each choice of a glob as `*`. */
function toPath(word: string): string {
  const plain = word.replace(/::.*$|(?::\d+)+$/, '').replace(/\{[^}]*\}|\[[^\]]*\]|\([^)]*\)/g, '*')
  const parts: string[] = []
  for (const part of plain.split('/')) {
    if (part === '..') parts.pop()
    else if (!['', '.', '...'].includes(part)) parts.push(part)
  }
  return parts.join('/')
}
