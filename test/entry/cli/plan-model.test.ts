import { afterEach, describe, expect, test } from 'vitest'
import {
  emptyReply,
  errorAnswer,
  messagesIn,
  responsesAnswer,
  type Scripted,
  type SeenRequest,
  scriptedModel,
} from '../../support/scripted-model.ts'
import { deskForEachTest, json, jsonFile, stateOf } from './a-cli.ts'

const desk = deskForEachTest({
  'package.json': '{"name":"sample","scripts":{"test":"node --test"}}\n',
  'src/greet.js': "exports.greet = () => 'hello'\n",
  'test/greet.test.js': "require('node:test')('it is there', () => require('../src/greet.js').greet())\n",
})
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const said = (parts: object) => responsesAnswer(JSON.stringify({ ...emptyReply, ...parts }))

async function planWith(answer: (request: SeenRequest) => Scripted) {
  const server = await scriptedModel(answer)
  open.push(server.close)
  const env = { OPENAI_BASE_URL: server.baseURL, AGENTOS_MODEL: 'scripted' }
  const args = ['plan', '--repo', desk.clone, '--out', desk.at('plan.json'), '--json', 'Let greet say good morning']
  return { server, ended: await desk.agentos(args, { env }) }
}

describe('words planned with a model on a clone', () => {
  test('take the same path: the model looks, plans, and the dry run tries what it planned', async () => {
    const before = stateOf(desk)
    const { server, ended } = await planWith((request) =>
      messagesIn(request).length === 1
        ? said({ look: [{ tool: 'read', path: 'src/greet.js', line: 1 }] })
        : said({ edits: [{ is: 'replace', path: 'src/greet.js', search: 'hello', replace: 'good morning' }] }),
    )
    expect(ended.stderr).not.toContain('Error')
    expect(ended.exit).toBe(0)
    expect(server.seen).toHaveLength(2)
    expect(JSON.stringify(jsonFile(desk.at('plan.json')))).toContain('"name":"scripted"')
    expect(stateOf(desk)).toBe(before)
  })

  test('end with 5 where the quota is used up, since a part that is needed is not there', async () => {
    const { ended } = await planWith(() => errorAnswer(429, 'insufficient_quota'))
    expect(ended.exit).toBe(5)
    expect(JSON.stringify(json(ended.stdout))).toContain('quota of the model account is used up')
  })

  test('end with 2 where the address is none', async () => {
    const env = { OPENAI_BASE_URL: 'nowhere' }
    const ended = await desk.agentos(['plan', '--repo', desk.clone, '--out', desk.at('plan.json'), '--json', 'x'], {
      env,
    })
    expect(ended.exit).toBe(2)
    expect(ended.stdout).toContain('OPENAI_BASE_URL')
  })
})
