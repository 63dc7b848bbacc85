import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Step } from '../../src/domain/packs/plan.ts'
import { aRunnerWorld, npm, type RunnerWorld } from './runner-world.ts'

let at: RunnerWorld
beforeAll(async () => {
  at = await aRunnerWorld()
})
afterAll(() => at.close())

const verify: Step = { id: 'tests', is: 'verify', argv: ['node', '--test', 'greeting.test.js'], criteria: [] }
const format: Step = { id: 'format', is: 'run', argv: npm('format'), outputs: ['list.txt'], frozen: null }
const install: Step = { id: 'install', is: 'prepare', argv: npm('build:install'), hosts: [] }

function greetingStep(text = "export const greeting = 'hello, world'\n") {
  const { change, contents } = at.edit('greeting.js', text)
  const step: Step = { id: 'greet', is: 'edit', edits: [change] }
  return { step, contents }
}

describe('a dry run', () => {
  it('performs every step in order, freezes what was made, and delivers the tree with a receipt for each step', async () => {
    const greet = greetingStep()
    const one = await at.dryRun([install, greet.step, format, verify], greet.contents)
    const job = await at.dispatch(one)
    expect(job.end).toMatchObject({ conclusion: 'success', exitCode: 0, outputs: { outcome: 'done' } })
    expect(one.delivery?.outcome).toEqual({ is: 'done' })
    expect(one.delivered.map(({ step, outcome }) => [step, outcome.is])).toEqual([
      ['install', 'done'],
      ['greet', 'done'],
      ['format', 'done'],
      ['tests', 'done'],
    ])
    expect(one.delivery?.frozen).toMatchObject([{ step: 'format', edits: [{ path: 'list.txt' }] }])
    expect(one.delivery?.tree).toMatch(/^[0-9a-f]{40}$/)
  })
})
