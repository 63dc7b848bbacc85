import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deskForEachTest, json, jsonFile, stateOf } from '../entry/cli/a-cli.ts'

const OLD = `sha512-${'o'.repeat(86)}==`
const MANIFEST = {
  name: 'sample',
  version: '1.0.0',
  type: 'module',
  scripts: { test: 'node --test' },
  peerDependencies: { left: '1.0.0' },
}

const desk = deskForEachTest({
  'package.json': `${JSON.stringify(MANIFEST, null, 2)}\n`,
  'src/words.js': "export const hello = 'hello'\n",
  'src/index.js': "export { hello } from './words.js'\n",
  'test/hello.test.js':
    "import { test } from 'node:test'\nimport { equal } from 'node:assert'\nimport { hello } from '../src/index.js'\ntest('greets', () => equal(hello, 'hello'))\n",
  '.gitignore': 'b\na\n!c\n',
})

const planning = (recipe: string, ...params: readonly string[]) => [
  'plan',
  '--repo',
  desk.clone,
  '--recipe',
  recipe,
  ...params,
  '--out',
  desk.at('plan.json'),
  '--json',
]

async function landed(): Promise<string> {
  const args = ['execute', desk.at('plan.json'), '--repo', desk.clone, '--approved-by', 'Lee']
  const ended = await desk.agentos([...args, '--out', desk.at('evidence.json'), '--json'])
  expect(ended).toMatchObject({ exit: 0 })
  return String(json(ended.stdout)['commit'])
}

const TIDY = (line: string) => `export const recipe = {
  name: 'tidy', version: 3, summary: 'Tidies.', files: ['src/**'], verify: 'repository-tests',
  params: [{ name: 'what', type: 'text', required: false, question: 'What is tidied?' }],
  uses: [{ name: 'sort-lines', version: 1 }],
}
export function plan({ params, files }) {
  ${line}
  if (params.what === undefined) return { questions: [{ param: 'what', choices: files.map(({ path }) => path) }] }
  const [file] = files.filter(({ path }) => path === params.what)
  return { edits: [
    { kind: 'write', path: file.path, content: '// tidy\\n' + file.text },
    { kind: 'use', recipe: 'sort-lines', params: { path: '.gitignore' } },
  ] }
}
`

describe('a recipe that is a module, on a plain clone', () => {
  it('is planned, rehearsed, executed and proven like any other', async () => {
    const head = stateOf(desk)
    expect(await desk.agentos(planning('move-file', 'from=src/words.js', 'to=src/lib/words.js'))).toMatchObject({
      exit: 0,
    })
    expect(stateOf(desk)).toBe(head)
    const commit = await landed()
    expect(desk.git('show', `${commit}:src/index.js`)).toBe("export { hello } from './lib/words.js'")
    expect(desk.git('show', '--name-status', '--format=', '-M', commit)).toContain('R100')
    expect(desk.git('log', '-1', '--format=%(trailers:key=AgentOS-Drafted-by)', commit)).toContain('recipe move-file@1')
    const verified = await desk.agentos(['verify', desk.at('evidence.json'), '--repo', desk.clone, '--json'])
    expect(json(verified.stdout)).toMatchObject({ valid: true, phase: 'delivered' })
    expect((await desk.agentos(['replay', desk.at('evidence.json')])).exit).toBe(0)
  })

  it('gives the same plan hash again', async () => {
    const hashes: unknown[] = []
    for (const _ of [1, 2]) {
      expect((await desk.agentos(planning('sort-lines', 'path=.gitignore'))).exit).toBe(0)
      hashes.push(jsonFile(desk.at('plan.json'))['planHash'])
    }
    expect(hashes[1]).toBe(hashes[0])
  })

  it('asks for what it may not make up, and goes on with the answers', async () => {
    const lock = {
      lockfileVersion: 3,
      packages: { '': MANIFEST, 'node_modules/left': { version: '1.0.0', integrity: OLD, peer: true } },
    }
    desk.write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
    desk.commit()
    const asked = await desk.agentos(planning('bump-dependency', 'name=left', 'version=1.0.1'))
    expect(asked.exit).toBe(4)
    expect(asked.stdout).toContain('Which hash has 1.0.1?')
    writeFileSync(desk.at('wrong.json'), JSON.stringify([{ q1: 'yes', q2: OLD }]))
    const wrong = await desk.agentos([
      ...planning('bump-dependency', 'name=left', 'version=1.0.1'),
      '--answers',
      desk.at('wrong.json'),
    ])
    expect(wrong).toMatchObject({ exit: 3 })
    expect(wrong.stdout + wrong.stderr).toContain('hash of the old version')
  })

  it('comes from the commit of the default branch, uses others, and asks in its own words', async () => {
    desk.write('.agentos/recipes/tidy.js', TIDY(''))
    const uncommitted = await desk.agentos(planning('tidy', 'what=src/words.js'))
    expect(uncommitted).toMatchObject({ exit: 3 })
    expect(uncommitted.stdout + uncommitted.stderr).toContain('there is no recipe')
    desk.commit()
    const asked = await desk.agentos(planning('tidy'))
    expect(asked).toMatchObject({ exit: 4 })
    expect(json(asked.stdout)['questions']).toMatchObject([
      { about: 'param:what', choices: ['src/index.js', 'src/words.js'] },
    ])
    writeFileSync(desk.at('answers.json'), JSON.stringify([{ q1: 'src/words.js' }]))
    const planned = await desk.agentos([...planning('tidy'), '--answers', desk.at('answers.json')])
    expect(planned).toMatchObject({ exit: 0 })
    const commit = await landed()
    expect(desk.git('show', `${commit}:src/words.js`)).toContain('// tidy\n')
    expect(desk.git('show', `${commit}:.gitignore`)).toBe('a\nb\n!c')
  })

  it('that fails is refused with its name, its version and what it said, and nothing is written', async () => {
    desk.write('.agentos/recipes/tidy.js', TIDY("throw new Error('not on a ' + typeof process + '\\n@everyone')"))
    desk.commit()
    const before = stateOf(desk)
    const ended = await desk.agentos(planning('tidy', 'what=x'))
    expect(ended).toMatchObject({ exit: 3 })
    expect(ended.stdout + ended.stderr).toContain('the recipe tidy@3 cannot be followed: not on a undefined @everyone')
    expect(stateOf(desk)).toBe(before)
  })

  it('is named by `policy lint` with its parameters, or with its faults', async () => {
    desk.write('.agentos/recipes/tidy.js', TIDY(''))
    desk.commit()
    const lint = ['policy', 'lint', '--repo', desk.clone]
    const fine = await desk.agentos(lint)
    expect(fine).toMatchObject({ exit: 0 })
    expect(fine.stdout).toContain('tidy [what=…]')
    expect(fine.stdout).toContain('move-file from=… to=… [paths=…] [go_on=…]')
    desk.write('.agentos/recipes/tidy.js', TIDY('').replace('version: 1 }', 'version: 7 }'))
    desk.commit()
    const faulty = await desk.agentos(lint)
    expect(faulty).toMatchObject({ exit: 3 })
    expect(faulty.stdout + faulty.stderr).toContain('.agentos/recipes/tidy.js: uses: sort-lines has version 1, not 7')
    expect(readFileSync(`${desk.clone}/.gitignore`, 'utf8')).toBe('b\na\n!c\n')
  })
})
