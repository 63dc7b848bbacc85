import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { secretFilter } from '../../../src/domain/secrets/secret-filter.ts'
import { canaries, encodings, knownCanaries } from '../../support/canaries.ts'
import { deskForEachTest, json } from './a-cli.ts'

const everyWay = Object.values(encodings)
const written = canaries.map(({ value }, i) => (everyWay[i % everyWay.length] ?? String)(value)).join('\n\n')

const desk = deskForEachTest({
  'package.json': '{"name":"sample","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'say.js': "module.exports = 'hello'\n",
  'keys.txt': `${written}\n`,
  'say.test.js': `const fs = require('node:fs')
require('node:test')('says', () => {
  console.log(fs.readFileSync('keys.txt', 'utf8'))
  console.error(JSON.stringify(process.env))
  if (require('./say.js') === 'fail') throw new Error(fs.readFileSync('keys.txt', 'utf8'))
})
`,
})

const env = Object.fromEntries(knownCanaries.map(({ kind, value }) => [kind, value]))
const filter = secretFilter(knownCanaries)
const blobsIn = (text: string) =>
  [...text.matchAll(/[A-Za-z0-9+/]{80,}={0,2}/g)].map(([base64]) => Buffer.from(base64, 'base64').toString('utf8'))
const leaksIn = (text: string) => canaries.filter(({ value }) => text.includes(value)).map(({ name }) => name)
const kindsIn = (text: string) => filter.find(toUtf8(text)).map(({ kind }) => kind)

it.each(['good day', 'fail'])(
  'canaries in environment, files and outputs of the command line are in no plan, evidence or line of it (%s)',
  { timeout: 90_000 },
  async (replace) => {
    const [plan, evidence] = [desk.at('plan.json'), desk.at('evidence.json')]
    const asked = ['--recipe', 'replace-text', 'find=hello', `replace=${replace}`, 'paths=say.js']
    const planned = await desk.agentos(['plan', '--repo', desk.clone, ...asked, '--out', plan, '--json'], { env })
    const executed = await desk.agentos(
      ['execute', plan, '--repo', desk.clone, '--out', evidence, '--approved-by', 'Lee', '--json'],
      { env },
    )
    expect([planned.exit, executed.exit]).toEqual(replace === 'fail' ? [1, 2] : [0, 0])
    expect(json(planned.stdout)).toBeTypeOf('object')
    const said = [planned, executed].flatMap(({ stdout, stderr }) => [stdout, stderr])
    const kept = replace === 'fail' ? [] : [plan, evidence].map((file) => readFileSync(file, 'utf8'))
    const texts = [...said, ...kept, ...kept.flatMap(blobsIn)]
    expect(texts.flatMap(leaksIn)).toEqual([])
    expect(texts.flatMap(kindsIn)).toEqual([])
    expect(texts.join('\n')).toContain('[secret removed: ')
  },
)

it('what a person brings with a secret in it is not put on record, not even where it is of no use', async () => {
  const token = canaries[0]?.value ?? ''
  desk.write('../keys.json', JSON.stringify({ token }))
  const ended = await desk.agentos(['plan', '--repo', desk.clone, '--patch', desk.at('keys.json'), '--json'], { env })
  expect(ended.exit).toBe(3)
  expect(json(ended.stdout)['error']).toMatchObject({
    rule: 'record',
    because: 'what was about to be recorded holds a secret (github-token); nothing of it was kept',
  })
  expect([ended.stdout, ended.stderr].flatMap(leaksIn)).toEqual([])
})
