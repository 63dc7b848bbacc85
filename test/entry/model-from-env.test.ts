import { expect, test } from 'vitest'
import { faultInModel, openaiFromEnv } from '../../src/entry/model-from-env.ts'

test.each(['sk-secret\nX-Other: y', 'sk-\u0000secret', 'sk-secret\u200b', 'sk secret'])(
  'a key that no header can hold is refused without being repeated: %j',
  (key) => {
    const fault = faultInModel({ OPENAI_API_KEY: key })
    expect(fault).toContain('OPENAI_API_KEY')
    expect(fault).not.toContain('secret')
  },
)

test('a key is taken with the spaces around it left out', () => {
  expect(faultInModel({ OPENAI_API_KEY: ' sk-proj_A.b-1\n' })).toBeUndefined()
  expect(openaiFromEnv({ OPENAI_API_KEY: ' \n' })).toBeNull()
})
