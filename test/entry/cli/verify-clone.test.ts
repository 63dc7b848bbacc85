import { expect, test } from 'vitest'
import { ed25519Signer, openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { EVIDENCE_REF } from '../../../src/domain/evidence.ts'
import { cloneText, judgeClone } from '../../../src/entry/cli/verify-clone.ts'
import { openClone } from '../../../src/entry/local/governed-clone.ts'
import { deskForEachTest } from './a-cli.ts'

const desk = deskForEachTest({ 'README.md': 'A repository.\n' })
const key = controllerKey(ed25519Signer(new Uint8Array(32).fill(3)))

async function judged(trusted: readonly (typeof key)[] | null) {
  const clone = await openClone(desk.clone)
  if (!clone.ok) throw new Error(clone.refusal.because)
  const found = await judgeClone(clone.value, [], { open: openEnvelope, trusted })
  if (!found.ok || found.value === null) throw new Error('the clone was not judged')
  return found.value
}

test('whose keys count for what a clone brings is said: those given, those of its default branch, or nobody’s', async () => {
  desk.git('update-ref', EVIDENCE_REF, 'HEAD')
  expect(await judged(null)).toMatchObject({ valid: false, trust: 'own-word' })
  desk.write('.agentos/keys.json', JSON.stringify({ keys: [key] }))
  desk.commit('Pin the key')
  const pinned = await judged(null)
  expect(pinned).toMatchObject({ valid: false, trust: 'repository' })
  expect(cloneText('.', pinned)).toContain('which is its own word')
  expect(await judged([key])).toMatchObject({ valid: false, trust: 'pinned' })
})

test('a clone without evidence, and one that is shallow, end with 5 and the next step', async () => {
  const without = await desk.agentos(['verify', '--repo', desk.clone])
  expect(without).toMatchObject({ exit: 5, stderr: expect.stringContaining(`git fetch origin ${EVIDENCE_REF}`) })
  desk.git('clone', '-q', '--depth', '1', `file://${desk.clone}`, desk.at('shallow'))
  const shallow = await desk.agentos(['verify', '--repo', desk.at('shallow')])
  expect(shallow).toMatchObject({ exit: 5, stderr: expect.stringContaining('--unshallow') })
})
