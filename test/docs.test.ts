import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { slashCommands } from '../src/commands/index.ts'
import { gates } from '../src/domain/gates/index.ts'
import { cliCommands } from '../src/entry/cli/registry.ts'
import { Environment } from '../src/entry/environment.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .sort(),
]
const readme = read('README.md')

describe('the documents', () => {
  test.each(documents)('every link of %s leads to a file and a heading that exist', (file) => {
    expect(linksIn(read(file)).filter((link) => !leadsSomewhere(file, link))).toEqual([])
  })

  test('a link to a file or heading that is not there is noticed', () => {
    const links = ['docs/gone.md', '#gone', 'docs/sandbox.md#gone']
    expect(links.filter((link) => leadsSomewhere('README.md', link))).toEqual([])
  })

  test.each(documents)('%s names only scripts that the package has', (file) => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')))
    const named = [...read(file).matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g)].map(([, name = '']) => name)
    expect([...new Set(named)].filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  test('each decision has its number, what led to it, what was decided and what follows', () => {
    const decisions = documents.filter((file) => file.startsWith(join('docs', 'adr')))
    expect(decisions.length).toBeGreaterThan(0)
    expect(decisions.map((file) => Number(relative('docs/adr', file).slice(0, 4)))).toEqual(
      decisions.map((_, index) => index + 1),
    )
    for (const file of decisions)
      expect([...read(file).matchAll(/^#+ (.+)$/gm)].slice(1).map(([, title]) => title)).toEqual([
        'Context',
        'Decision',
        'Consequences',
      ])
  })
})

describe('the README', () => {
  test('shows the slash commands as the registry has them', () => {
    const rows = tableAfter('## Talking to it').map(([usage, summary]) => [usage, summary])
    expect(rows).toEqual(slashCommands.map(({ usage, summary }) => [code(usage.split('\n')[0] ?? ''), summary]))
  })

  test('shows the commands of the command line as the registry has them', async () => {
    const commands = await Promise.all(cliCommands.map(({ load }) => load()))
    expect(tableAfter('### Commands')).toEqual(
      commands.map(({ usage, summary, exits }) => [code(usage), summary, exits.join(' ')]),
    )
  })

  test('shows the ten red lines in order, each with a test that names it', () => {
    const rows = tableAfter('## The ten red lines')
    const lines = gates.filter(({ redLine }) => redLine !== null)
    expect(rows.map(([number, name, title]) => [number, name, title])).toEqual(
      lines.map(({ name, redLine, title }) => [String(redLine), code(name), title]),
    )
    for (const [index, { name, redLine }] of lines.entries()) {
      const [link = ''] = linksIn(rows[index]?.[3] ?? '')
      expect(read(link)).toContain(`red line ${redLine}, ${name}:`)
    }
  })

  test('names every policy gate', () => {
    const chapter = chapterAfter('## The ten red lines')
    for (const { name } of gates) expect(chapter).toContain(code(name))
  })

  test('shows every variable that the server reads, and no other', () => {
    const ofTheModel = [...read('src/entry/model-from-env.ts').matchAll(/given\('([A-Z_]+)'\)/g)].map(
      ([, name]) => name,
    )
    expect(ofTheModel).toHaveLength(3)
    const known = [...Object.keys(Environment.shape), ...ofTheModel].map((name) => code(name ?? ''))
    const rows: readonly string[] = tableAfter('### Environment').map(([name = '']) => name)
    expect(rows.toSorted()).toEqual(known.toSorted())
  })

  test('names the command that the CI script runs as the test', () => {
    const steps = read('.ci/run')
      .split('\n')
      .filter((line) => line.startsWith('npm '))
    expect(steps).toEqual(['npm ci --no-audit --no-fund', 'npm test'])
    expect(readme).toContain('\nnpm ci && npm run demo\nnpm ci && npm test\n')
  })
})

describe('the workflows', () => {
  const files = readdirSync(join(root, '.github/workflows')).sort()
  const Workflow = z.object({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ uses: z.string().optional() })) })),
  })

  test.each(files)('%s uses only actions of its own commit or of a full one, and asks to write nothing', (file) => {
    const { permissions, jobs } = Workflow.parse(parse(read(join('.github/workflows', file))))
    const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
    expect(used.filter((uses) => !/^\.\/|@[0-9a-f]{40}$/.test(uses))).toEqual([])
    expect(Object.values(permissions)).not.toContain('write')
  })
})

function linksIn(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const target = path === '' ? join(root, from) : resolve(root, dirname(from), path)
  if (!existsSync(target)) return false
  return heading === undefined || (statSync(target).isFile() && slugsIn(readFileSync(target, 'utf8')).includes(heading))
}

/** The anchors that GitHub gives to headings. */
function slugsIn(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)
  return headings.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function chapterAfter(heading: string): string {
  const [, after] = readme.split(`\n${heading}\n`)
  if (after === undefined) throw new Error(`the README has no heading ${heading}`)
  return after.split(/^#+ /m)[0] ?? ''
}

/** The cells of the first table of a chapter, without its head. */
function tableAfter(heading: string): readonly (readonly string[])[] {
  const [, ...lines] = chapterAfter(heading).split(/^(?=\|)/m)
  const rows = lines.filter((line) => line.startsWith('|')).slice(2)
  if (rows.length === 0) throw new Error(`no table follows ${heading}`)
  return rows.map((row) =>
    (row.split('\n')[0] ?? '')
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

function code(text: string): string {
  return `\`${text}\``
}
