import { type Checkout, type Declared, firstFile, plainNames, type TargetReader } from './target.ts'

const RAKEFILES = ['rakefile', 'Rakefile', 'rakefile.rb', 'Rakefile.rb'] as const
const TASK =
  /^\s*(?:multi)?task\s*\(?\s*(?::([A-Za-z_]\w*)|["']([^"'#]+)["']|\{?\s*:?["']?([A-Za-z_]\w*)["']?\s*(?::|=>))/
const NAMESPACE = /^\s*namespace\s*\(?\s*(?::([A-Za-z_]\w*)|["']([^"'#]+)["'])/

/** Task classes that define the tasks they are named after. */
const MADE = [
  [/Rake::TestTask\.new(?:\s*\(?\s*:(\w+)|)/, 'test'],
  [/(?:Minitest|Spec)::TestTask\.(?:new|create)(?:\s*\(?\s*:(\w+)|)/, 'test'],
  [/RSpec::Core::RakeTask\.new(?:\s*\(?\s*:(\w+)|)/, 'spec'],
  [/RuboCop::RakeTask\.new(?:\s*\(?\s*:(\w+)|)/, 'rubocop'],
] as const

/** The tasks that a Rakefile names itself. Rake is Ruby: what is loaded or computed cannot be known. */
export const rakeTasks: TargetReader = {
  ...plainNames,
  noun: 'rake task',
  joint: ':',
  read(checkout: Checkout, folder: string): Declared | null {
    const path = firstFile(checkout, folder, RAKEFILES)
    if (path === undefined) return null
    const text = checkout.text(path)
    if (text === undefined) return { names: [], unsure: `${path} is too large or not UTF-8 text` }
    const lines = text.split(/\r?\n/).filter((line) => line.length <= 2000 && !/^\s*#/.test(line))
    return {
      names: [...namedIn(lines), ...madeIn(lines.map(plain))],
      unsure: `${path} is a program that may define more tasks`,
    }
  },
}

type Space = { readonly name: string; readonly indent: number }

/** A namespace ends at the `end` that stands as far to the left as it does. */
function namedIn(lines: readonly string[]): readonly string[] {
  const names: string[] = []
  const open: Space[] = []
  for (const line of lines) {
    const indent = line.length - line.trimStart().length
    if (/^\s*end\b/.test(line) && open.at(-1)?.indent === indent) open.pop()
    const space = nameIn(NAMESPACE, line)
    if (space !== undefined) open.push({ name: space, indent })
    const task = nameIn(TASK, line)
    if (task !== undefined) names.push([...open.map((one) => one.name), task].join(':'))
  }
  return names
}

function nameIn(pattern: RegExp, line: string): string | undefined {
  const [, symbol, text, key] = pattern.exec(plain(line)) ?? []
  return symbol ?? text ?? key
}

/** With one space for many, so that no pattern has a choice where it takes them. */
function plain(line: string): string {
  return line.replace(/\s+/g, ' ')
}

function madeIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    MADE.flatMap(([pattern, usual]) => {
      const found = pattern.exec(line)
      return found === null ? [] : [found[1] ?? usual]
    }),
  )
}
