import { describe, expect, it } from 'vitest'
import { costOf, modelDenied } from '../../../src/domain/control/model-policy.ts'
import { load, loaded } from './shipped.ts'

const refusals = (text: string) => {
  const manifest = load({ 'policy.yml': `version: 1\n${text}` })
  return manifest.ok ? [] : manifest.refusal.map(({ key, reason }) => `${key}: ${reason}`)
}
const policy = (text: string) => loaded({ 'policy.yml': `version: 1\n${text}` }).policy
const asked = { host: 'models.example:8443', model: 'm-1' }

describe('the capability to ask a model', () => {
  it('is given by the shipped policy for what the operator configured', () => {
    expect(modelDenied(loaded().policy.capabilities, asked)).toBeUndefined()
  })

  it('can be taken away, and is then absent: denied', () => {
    const { capabilities } = policy('capabilities: { planner: {} }\n')
    expect(modelDenied(capabilities, asked)).toContain('no capability')
  })

  it.each([
    ['{ hosts: [models.example:8443], models: [m-1] }', undefined],
    ['{ hosts: [models.example], models: [m-1] }', 'at models.example:8443'],
    ['{ hosts: [operator], models: [m-2] }', 'the model m-1'],
    ['{ hosts: [], models: [operator] }', 'at models.example:8443'],
    ['{ hosts: [operator], models: [] }', 'the model m-1'],
  ])('names what may be asked: %s', (named, because) => {
    const denied = modelDenied(policy(`capabilities: { planner: { ask-model: ${named} } }\n`).capabilities, asked)
    if (because === undefined) expect(denied).toBeUndefined()
    else expect(denied).toContain(because)
  })

  it.each([
    ['capabilities: { planner: { push: {} } }', 'capabilities.planner'],
    ['capabilities: { runner: {} }', 'capabilities'],
    [
      'capabilities: { planner: { ask-model: { hosts: ["*"], models: [operator] } } }',
      'capabilities.planner.ask-model.hosts',
    ],
    ['capabilities: { planner: { ask-model: { hosts: [operator] } } }', 'capabilities.planner.ask-model.models'],
  ])('is read strictly: %s', (text, key) => {
    expect(refusals(`${text}\n`).join()).toContain(key)
  })
})

describe('prices', () => {
  const shipped = loaded().policy.prices.find(({ model }) => model === 'gpt-5-mini')

  it('are those of the shipped policy, with more models added and prices raised', () => {
    const { prices } = policy(
      'prices:\n  - { host: api.openai.com, model: gpt-5-mini, inputPerMillion: 300000, outputPerMillion: 2000000 }\n  - { host: own.example, model: m, inputPerMillion: 0, outputPerMillion: 0 }\n',
    )
    expect(prices).toHaveLength(loaded().policy.prices.length + 1)
    expect(prices.filter(({ model }) => model === 'gpt-5-mini')).toMatchObject([{ inputPerMillion: 300_000 }])
  })

  it('cannot be lowered, which would widen what a run may cost', () => {
    const { inputPerMillion = 0, outputPerMillion = 0 } = shipped ?? {}
    const at = (input: number, output: number) =>
      refusals(
        `prices: [{ host: api.openai.com, model: gpt-5-mini, inputPerMillion: ${input}, outputPerMillion: ${output} }]\n`,
      )
    expect(at(inputPerMillion, outputPerMillion)).toEqual([])
    expect(at(inputPerMillion - 1, outputPerMillion).join()).toContain('lower than the shipped one')
    expect(at(inputPerMillion, outputPerMillion - 1).join()).toContain('lower than the shipped one')
  })

  it('stand once for a model at an address', () => {
    const one = '{ host: a.example, model: m, inputPerMillion: 1, outputPerMillion: 1 }'
    expect(refusals(`prices: [${one}, ${one}]\n`).join()).toContain('two prices')
  })

  it('are counted in whole millionths of a dollar, rounded up, and are not known for another address', () => {
    const price = { ...asked, inputPerMillion: 1_250_000, outputPerMillion: 10_000_000 }
    expect(costOf([price], asked, { inputTokens: 1, outputTokens: 0 })).toBe(2)
    expect(costOf([price], asked, { inputTokens: 1_000_000, outputTokens: 100_000 })).toBe(2_250_000)
    expect(costOf([price], { ...asked, host: 'models.example' }, { inputTokens: 1, outputTokens: 1 })).toBeNull()
    const most = { ...asked, inputPerMillion: 1_000_000_000, outputPerMillion: 1_000_000_000 }
    expect(
      Number.isSafeInteger(costOf([most], asked, { inputTokens: 1_000_000_000, outputTokens: 1_000_000_000 })),
    ).toBe(true)
  })
})

describe('the limits of model calls', () => {
  it('of a repository may set what a run may cost, where the shipped policy has no such limit', () => {
    expect(loaded().policy.limits.costMicroUsd).toBeUndefined()
    expect(policy('limits: { costMicroUsd: 500000 }\n').limits.costMicroUsd).toBe(500_000)
  })

  it.each(['tokens', 'modelCalls', 'modelTurns', 'modelFaults', 'modelOutputTokens'] as const)(
    'of a repository cannot widen %s',
    (name) => {
      const { limits } = loaded().policy
      expect(refusals(`limits: { ${name}: ${limits[name] + 1} }\n`).join()).toContain('may only shrink')
      expect(policy(`limits: { ${name}: 1 }\n`).limits[name]).toBe(1)
    },
  )
})
