import { symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let main = ''
let reached = 0
const outside = createServer((_request, response) => {
  reached += 1
  response.end('reached')
})

/** A suite that passes until a word is replaced by one that makes it fail, hang, flood, or reach for the network. */
const SUITE = `const test = require('node:test')
const assert = require('node:assert')
const { word } = require('../src/words.js')
test('words', async () => {
  assert.notEqual(word, 'wrong')
  if (word === 'endless') for (;;);
  if (word === 'loud') for (let i = 0; i < 200000; i += 1) process.stdout.write('x'.repeat(80) + '\\n')
  if (word === 'outward') await fetch(require('../src/address.js').address)
})
`

beforeAll(async () => {
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  const place = outside.address()
  const port = typeof place === 'object' && place !== null ? place.port : 0
  story = await aStory({
    files: {
      'README.md': '# hello\n',
      'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
      'src/words.js': "exports.word = 'old'\n",
      'src/address.js': `exports.address = 'http://127.0.0.1:${port}/'\n`,
      'test/words.test.js': SUITE,
      '.agentos/policy.yml': 'version: 1\nlimits: { stepWallMs: 6000, outputBytes: 65536 }\n',
      'inner/file.txt': 'inside\n',
    },
    prepare: async (source) => {
      await symlink('/etc', join(source, 'outside'))
      await symlink('inner', join(source, 'within'))
    },
  })
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(async () => {
  outside.close()
  await story.close()
})

const cardOf = async (issue: number) =>
  (await story.comments(issue)).find((text) => text.includes('<!-- agentos:card')) ?? ''
const nothingLanded = (view: Json) => {
  expect(view['delivered']).toBeNull()
  expect(view['approvals']).toEqual([])
}

describe('a plan that may not be', { timeout: 300_000 }, () => {
  it.each([
    [
      'a path below a link that leaves the repository',
      'add-file path=outside/passwd content=x',
      /hygiene|no-fabrication/,
      'outside',
    ],
    [
      'a path below a link inside the repository',
      'add-file path=within/new.txt content=x',
      /hygiene|no-fabrication/,
      'within',
    ],
    [
      'a workflow file',
      'add-file path=.github/workflows/evil.yml content=x',
      /scope|hygiene/,
      '.github/workflows/evil.yml',
    ],
    ['git’s own folder', 'add-file path=.git/config content=x', /hygiene|scope|no-fabrication/, '.git'],
    [
      'a path that there is not',
      'replace-text find=old replace=new paths=src/nowhere.js',
      /nothing-to-do/,
      'src/nowhere.js',
    ],
    ['a link', 'replace-text find=etc replace=tmp paths=outside', /nothing-to-do/, 'outside'],
    ['a file that is there already', 'add-file path=README.md content=x', /no-fabrication/, 'README.md'],
    [
      'a command that is not on the list',
      'run-command command="curl http://127.0.0.1/" outputs=README.md',
      /no-fabrication/,
      'curl',
    ],
    ['a shell', 'run-command command="sh -c ls" outputs=README.md', /no-fabrication/, 'sh'],
    [
      'a script that there is not',
      'run-command command="npm run nowhere" outputs=README.md',
      /no-fabrication/,
      'nowhere',
    ],
  ])('is refused before any job: %s', async (_what, command, rule, said) => {
    const jobs = story.stage.runner.jobs.length
    const { issue, run } = await story.begins(`/agentos plan --recipe ${command}`)
    const view = await story.until(run, 'refused')
    expect(String(view['end']?.['rule'])).toMatch(rule)
    expect(await cardOf(issue)).toContain(said)
    expect(await cardOf(issue)).toContain('**Refused**')
    expect(view['pullRequest']).toBeNull()
    expect(story.stage.runner.jobs).toHaveLength(jobs)
    nothingLanded(view)
  })

  it('needs two people where it touches the control plane', async () => {
    const { run } = await story.begins(
      '/agentos plan --recipe replace-text find=6000 replace=5000 paths=.agentos/policy.yml',
    )
    const view = await story.until(run, 'proposed')
    expect(view['plan']?.['document']?.['lane']).toBe('high')
    const number = Number(view['pullRequest']?.['number'])
    await story.lee.reviews(number, 'APPROVE')
    await story.eventually('the first approval', async () =>
      (await story.view(run))['approvals']?.length === 1 ? true : undefined,
    )
    const waiting = await story.settled(run)
    expect(waiting['phase']).toBe('proposed')
    await story.lee.says(number, '/agentos stop')
    await story.until(run, 'cancelled')
  })

  it('asks again where the path leaves the repository', async () => {
    const { run } = await story.begins('/agentos plan --recipe add-file path=../x content=x')
    const view = await story.until(run, 'blocked')
    const number = Number(view['pullRequest']?.['number'])
    await story.hears(number, 'is not a path inside the repository')
    await story.ana.says(number, '/agentos answer\nq1: /etc/passwd')
    await story.hears(number, 'answer with a path inside the repository')
    await story.ana.says(number, '/agentos stop')
    await story.until(run, 'cancelled')
  })
})

describe('a plan whose dry run does not hold', { timeout: 300_000 }, () => {
  const asks = (word: string) => `/agentos plan --recipe replace-text find=old replace=${word} paths=src/words.js`

  it.each([
    ['tests that fail', 'wrong', /exit/],
    ['tests that hang', 'endless', /time|6000/],
    ['tests that flood their output', 'loud', /printed more than/],
    ['tests that reach for the network', 'outward', /exit/],
  ])('fails with the step that broke: %s', async (_what, word, said) => {
    const { issue, run } = await story.begins(asks(word))
    const view = await story.until(run, 'failed')
    expect(String(view['end']?.['rule'])).toMatch(/^step:/)
    expect(String(view['end']?.['because'])).toMatch(said)
    expect(await cardOf(issue)).toContain('**Failed**')
    expect(view['proposed']).toBeNull()
    nothingLanded(view)
    const number = Number(view['pullRequest']?.['number'])
    expect(await story.pull(number)).toMatchObject({ state: 'closed', merged: false })
    expect(await story.head(String(view['pullRequest']?.['branch']))).toBeUndefined()
    expect(reached).toBe(0)
  })

  it('kept every promise', async () => {
    expect(await breaches(story, main)).toEqual([])
  })
})

describe('a repository without the workflow file', { timeout: 300_000 }, () => {
  it('hears which file is missing, and nothing is left half done', async () => {
    const bare = await aStory({ withWorkflow: false })
    const { issue, run } = await bare.begins('/agentos plan --recipe add-file path=docs/a.txt content=x')
    const view = await bare.until(run, 'failed')
    const [card = ''] = await bare.comments(issue)
    expect(card).toContain('.github/workflows/agentos.yml')
    expect(card).toContain('Copy the ten-line file')
    expect(await bare.head(String(view['pullRequest']?.['branch']))).toBeUndefined()
    expect(await breaches(bare, await git(bare.source, 'rev-parse', 'HEAD'))).toEqual([])
    await bare.close()
  })
})
