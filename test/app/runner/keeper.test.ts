import { expect, test } from 'vitest'
import { keeper } from '../../../src/app/runner/keeper.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { toUtf8 } from '../../../src/domain/patch/bytes.ts'
import { refuse } from '../../../src/domain/result.ts'
import { secretFilter } from '../../../src/domain/secrets/secret-filter.ts'
import { canaries, knownCanaries } from '../../support/canaries.ts'

const secret = canaries[0]?.value ?? ''
const refusal = { rule: 'secrets', because: 'the bytes hold a secret (github-token)', next: 'take it out' }
const blob = { sha256: sha256Hex(secret), bytes: toUtf8(secret) }

function keeping(path: string | null): Promise<void> {
  const blobs = { get: async () => refuse(refusal), put: async () => refuse(refusal) }
  return keeper({ blobs, filter: secretFilter(knownCanaries) })(blob, path)
}

test('a file whose bytes the controller does not take is named, its secret is not', async () => {
  const named = { ...refusal, because: '`config/app.env`: the bytes hold a secret (github-token)' }
  await expect(keeping('config/app.env')).rejects.toMatchObject({ refusal: named })
})

test('a secret in the path is taken out before the path is cut short', async () => {
  const told = keeping(`${'a'.repeat(60)}/${secret}`)
  await expect(told).rejects.toThrow('[secret removed')
  await expect(told).rejects.not.toThrow(secret.slice(0, 12))
})

test('what a command printed has no path', async () => {
  await expect(keeping(null)).rejects.toMatchObject({ refusal })
})
