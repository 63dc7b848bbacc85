import { expect, test } from 'vitest'
import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { pinnedKeysFault } from '../../../src/app/runner/pinned-keys.ts'
import { Grant } from '../../../src/domain/grant.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { given, story } from '../../support/given.ts'

const keyOf = (byte: number) => controllerKey(ed25519Signer(new Uint8Array(32).fill(byte)))
const [own, other] = [keyOf(1), keyOf(2)]
const { play } = given().when(story.asked)
const grant = readDocument(play.shelf.documents, play.state.grants[0]?.document ?? '', Grant)

/** What a job says of a Grant that the first key signed, on a base with this file of keys. */
function judged(keys: string | null, authority: Grant['authority'] = 'github') {
  const blob = 'a'.repeat(40)
  const entries = keys === null ? [] : [{ path: '.agentos/keys.json', mode: '100644', blob } as const]
  const read = async () => new Map(keys === null ? [] : [[blob, Buffer.from(keys)]])
  return pinnedKeysFault({ grant: { ...grant, authority }, signedBy: own.publicKey }, { entries, read })
}
const file = (...keys: readonly object[]) => JSON.stringify({ keys }, null, 2)
const revoked = { state: 'revoked', from: 1, until: 4, because: 'it was in a log' }

test.each([
  ['no file of keys', null],
  ['the key, without bounds', file(other, own)],
  ['the key as the current one', file({ ...own, state: 'current', from: 7 })],
])('a base with %s takes the Grant', async (_what, keys) => {
  expect(await judged(keys)).toBeUndefined()
})

test.each([
  ['another key alone', file(other), 'is none of .agentos/keys.json'],
  ['the key as a retired one', file({ ...own, state: 'retired', from: 1, until: 4 }), 'is retired'],
  ['the key as a revoked one', file({ ...own, ...revoked }), 'is revoked'],
  ['no key at all', file(), 'cannot be read'],
  ['a text that is no JSON', 'keys', 'cannot be read'],
  ['a member that is there twice', file(own).replace('{', '{"keys":[],'), 'names a member twice'],
])('a base with %s refuses it', async (_what, keys, because) => {
  expect(await judged(keys)).toMatchObject({ rule: 'grant-key', because: expect.stringContaining(because) })
})

test('a Grant of this machine’s own user is judged by no file', async () => {
  expect(await judged(file(other), 'local')).toBeUndefined()
})
