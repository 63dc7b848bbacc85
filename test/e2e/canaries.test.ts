import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgliteDatabase } from '../../src/adapters/ledger/pglite.ts'
import { toUtf8 } from '../../src/domain/patch/bytes.ts'
import { secretFilter } from '../../src/domain/secrets/secret-filter.ts'
import { git } from '../demo/a-local-github.ts'
import { type Canary, canaries, encodings, knownCanaries } from '../support/canaries.ts'
import {
  emptyReply,
  messagesIn,
  responsesAnswer,
  type Scripted,
  type ScriptedModel,
  type SeenRequest,
  scriptedModel,
} from '../support/scripted-model.ts'
import { aStory, isOwn, type Story } from '../support/story/a-story.ts'

const forms = canaries.filter(({ variable }) => variable === null)
const planted = (from: number) => forms.slice(from, from + 8).map(({ value }) => value)
const everyWay = Object.values(encodings)
const written = (some: readonly Canary[]) =>
  some.map(({ value }, i) => (everyWay[i % everyWay.length] ?? String)(value)).join('\n\n')
/** What the job cannot know by value is not printed there: the server would refuse the output. */
const values = canaries.filter(({ variable }) => variable !== null)

const said = (parts: Readonly<Record<string, unknown>>) => responsesAnswer(JSON.stringify({ ...emptyReply, ...parts }))

const asked: string[] = []

/** A model that reads the file with the canaries, repeats secrets where it can, and drafts a harmless change. */
function leaks(request: SeenRequest): Scripted {
  const messages = messagesIn(request)
  asked.push(JSON.stringify(request))
  const { request: wanted } = JSON.parse(messages[0]?.content ?? '')
  const [first = '', second = ''] = planted(8)
  if (messages.length === 1)
    return said({
      look: [
        { tool: 'read', path: 'config/keys.txt', line: 1 },
        { tool: 'read', path: 'config/values.txt', line: 1 },
        { tool: 'search', text: 'key', under: '' },
      ],
    })
  if (wanted.answers[0] === undefined)
    return said({
      questions: [
        {
          type: 'blocker',
          topic: 'word',
          text: `Which word shall stand there? I found ${first}.`,
          impact: `It is what people read, unlike ${second}.`,
          answer: 'text',
          choices: [],
          default: null,
          evidence: ['src/words.js'],
        },
      ],
    })
  return said({
    edits: [{ is: 'replace', path: 'src/words.js', search: "'old'", replace: "'fresh'" }],
    verify: [{ command: 'npm test', criteria: [] }],
    evidence: ['test/words.test.js'],
  })
}

let model: ScriptedModel
let story: Story
beforeAll(async () => {
  model = await scriptedModel(leaks)
  story = await aStory({
    files: {
      'package.json': '{"name":"demo","version":"1.0.0","scripts":{"test":"node --test"}}\n',
      'src/words.js': "exports.word = 'old'\n",
      'config/keys.txt': `key\n${written(forms)}\n`,
      'config/values.txt': `key\n${written(values)}\n`,
      'test/words.test.js':
        "const test = require('node:test')\nconst fs = require('node:fs')\ntest('words', () => { console.log(fs.readFileSync('config/keys.txt', 'utf8')); console.error(process.env) })\n",
    },
    env: {
      OPENAI_BASE_URL: model.baseURL,
      OPENAI_API_KEY: 'sk-of-the-operator-7Gh2Kq9',
      AGENTOS_MODEL: 'scripted',
      LOG_LEVEL: 'debug',
      ...Object.fromEntries(knownCanaries.map(({ kind, value }) => [kind, value])),
    },
  })
}, 300_000)
afterAll(async () => {
  await story.close()
  await model.close()
})

/** The canaries that stand in a text in plain, and what the filter finds in it, written in whatever way. */
function leaksIn(text: string): readonly string[] {
  const plain = canaries.filter(
    ({ value }) => text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1)),
  )
  return plain.map(({ name }) => name)
}

const filter = secretFilter(knownCanaries)
const kindsIn = (text: string) => [...new Set(filter.find(toUtf8(text)).map(({ kind }) => kind))]

describe('canaries in environment, files, outputs, answers and comments', { timeout: 300_000 }, () => {
  let evidence = ''
  it('are in nothing that a model was asked, in no request to GitHub and in no log', async () => {
    const [title = '', body = '', comment = '', answer = ''] = planted(0)
    const { run } = await story.begins(`/agentos plan Say another word in src/words.js, not ${comment}`, {
      title: `A change ${title}`,
      body: `Please. ${body}`,
    })
    const blocked = await story.until(run, 'blocked')
    const number = Number(blocked['pullRequest']?.['number'])
    await story.hears(number, '[secret removed: ')
    await story.lee.says(number, `/agentos answer\nq1: fresh ${answer}`)
    await story.until(run, 'proposed')
    await story.lee.reviews(number, 'APPROVE')
    const done = await story.until(run, 'delivered')
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(leaksIn(asked.join('\n'))).toEqual([])
    const own = story.stage.github.requests.filter(({ actor }) => isOwn(actor))
    const sent = JSON.stringify(own.map(({ path, body: sentBody }) => [path, sentBody]))
    expect(leaksIn(sent)).toEqual([])
    expect(leaksIn(story.stage.serverLog())).toEqual([])
    expect(leaksIn(JSON.stringify(done))).toEqual([])
    expect(leaksIn(await (await story.stage.ask(`/runs/${run}`)).text())).toEqual([])
    evidence = await (await story.stage.ask(`/api/runs/${run}/evidence`)).text()
    expect(leaksIn(evidence)).toEqual([])
    for (const text of own.map(({ body: sentBody }) => JSON.stringify(sentBody ?? null)))
      expect(kindsIn(text)).toEqual([])
  })

  it('are in no row of the database', async () => {
    await story.stage.kill()
    const database = await pgliteDatabase(join(story.dir, 'data', 'ledger'))
    try {
      const tables = await database.query(
        `select table_name as name from information_schema.tables where table_schema = 'agentos' order by 1`,
      )
      expect(tables.length).toBeGreaterThan(4)
      for (const { name } of tables) {
        const rows = await database.query(`select * from agentos.${String(name)}`)
        const texts = rows.flatMap((row) =>
          Object.values(row).map((cell) =>
            cell instanceof Uint8Array ? Buffer.from(cell).toString('utf8') : JSON.stringify(cell ?? null),
          ),
        )
        const found = texts.flatMap((text) => [...leaksIn(text), ...(name === 'blob' ? kindsIn(text) : [])])
        expect([name, found]).toEqual([name, []])
      }
      const all = canaries.flatMap(({ value }) => everyWay.map((encode) => encode(value)))
      const blobs = await database.query('select bytes from agentos.blob')
      const kept = blobs.map(({ bytes }) => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : ''))
      expect(kept.some((text) => text.includes('[secret removed: '))).toBe(true)
      expect(all.filter((secret) => kept.some((text) => text.includes(secret)))).toEqual([])
    } finally {
      await database.close()
    }
  })

  it('the branch holds the change alone', async () => {
    expect(await readFile(join(story.source, 'config/keys.txt'), 'utf8')).toContain(forms[0]?.value)
    expect(await git(story.source, 'status', '--porcelain')).toBe('')
  })
})
