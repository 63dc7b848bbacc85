import { expect, test } from 'vitest'
import { PlanFile } from '../../../src/app/plan-file.ts'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { hashOf, type Sha256 } from '../../../src/domain/hash.ts'
import { SALT_BYTES, toDocument } from '../../../src/domain/packs/documents.ts'
import { deskForEachTest } from '../cli/a-cli.ts'
import { executePlanned, planPatch } from './a-local-run.ts'

const desk = deskForEachTest({ 'a.txt': 'one\n', '.agentos/policy.yml': 'version: 1\nchecks: []\n' })
const PATCH = Buffer.from('--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n')

/** The file as a release wrote it that salted nothing but words. */
function writtenEarlier(file: string): string {
  const { planHash: _hash, attachments, ...plan } = PlanFile.parse(JSON.parse(file))
  const held = (name: Sha256): object =>
    JSON.parse(
      Buffer.from(attachments.documents[name] ?? '', 'base64')
        .subarray(SALT_BYTES)
        .toString(),
    )
  const intent = toDocument(held(plan.intent))
  const memory = toDocument({ ...held(plan.memory), intent: intent.sha256 })
  const earlier = { ...plan, intent: intent.sha256, memory: memory.sha256 }
  const bare = [intent, memory].map(({ sha256, bytes }) => [sha256, Buffer.from(bytes).toString('base64')] as const)
  const documents = { ...attachments.documents, ...Object.fromEntries(bare) }
  return `${canonicalJson({ ...earlier, planHash: hashOf(earlier), attachments: { ...attachments, documents } })}\n`
}

test('a plan file of a release that salted nothing but words is executed like any other', async () => {
  const planned = await planPatch({ dir: desk.clone, patch: PATCH })
  if (typeof planned === 'string') throw new Error(planned)
  const earlier = await executePlanned({ ...planned, file: writtenEarlier(planned.file) }, { dir: desk.clone })
  expect(earlier.result).toMatchObject({ ok: true, value: { tree: planned.plan.predictedTree } })
  const usual = await executePlanned(planned, { dir: desk.clone })
  expect(usual.result).toMatchObject({ ok: true, value: { tree: planned.plan.predictedTree } })
})
