import { expect, test } from 'vitest'
import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { type CloneReader, verifyAgainstRepository } from '../../../src/app/verify-repository.ts'
import { applyEdits } from '../../../src/domain/git-objects.ts'
import { Sha256 } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { CommitMessage } from '../../../src/domain/run/decide/commit.ts'
import { BASE_SHA, baseEntries, controller, edit } from '../../support/builders.ts'
import { evidenceOf, given, planOf, story } from '../../support/given.ts'

const { play } = given().when(story.merged)
const bytes = new TextEncoder().encode(await evidenceOf(play))
const trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
const delivered = play.state.delivered?.commit ?? ''
const squashed = play.state.merged?.commit ?? ''
const ended = play.events.find((event) => event.type === 'PullRequestEnded')?.data['merge']
const named = typeof ended === 'object' && ended !== null && !Array.isArray(ended) ? Sha256.parse(ended['message']) : ''
const { message } = readDocument(play.shelf.documents, named, CommitMessage)

function entriesAfter(edits = planOf(play).edits) {
  const applied = applyEdits(baseEntries, edits)
  if (!applied.ok) throw new Error(applied.refusal.because)
  return applied.value
}

/** A clone with the base and one commit on it. */
function clone(
  commit: string,
  changes: {
    readonly edits?: ReturnType<typeof edit>[]
    readonly message?: string
    readonly parents?: readonly string[]
  } = {},
): CloneReader {
  const after = entriesAfter(changes.edits)
  return {
    resolve: async (rev) => (rev === commit || rev === BASE_SHA ? rev : undefined),
    commit: async () => ({
      tree: after.treeId,
      parents: changes.parents ?? [BASE_SHA],
      message: Buffer.from(changes.message ?? message),
    }),
    entries: async (id) => (id === BASE_SHA ? baseEntries : after.entries).map((entry) => ({ ...entry, size: 1 })),
  }
}

test('the delivered commit of a clone is what the evidence says', async () => {
  expect(await verifyAgainstRepository(bytes, trust, clone(delivered))).toEqual({
    valid: true,
    commit: delivered,
    is: 'delivery',
  })
})

test('a squash takes the place of the delivered commit', async () => {
  expect(await verifyAgainstRepository(bytes, trust, clone(squashed))).toEqual({
    valid: true,
    commit: squashed,
    is: 'merge',
  })
})

test.each([
  ['another tree', clone(delivered, { edits: [edit('README.md')] }), /tree is/],
  ['another change behind a squash', clone(squashed, { edits: [edit('README.md')] }), /diff hash/],
  ['another parent', clone(delivered, { parents: ['1'.repeat(40)] }), /parent/],
  ['two parents', clone(delivered, { parents: [BASE_SHA, '1'.repeat(40)] }), /parent/],
  ['no trailers', clone(delivered, { message: 'Squashed by hand\n' }), /AgentOS-Run is missing/],
  [
    'another plan in its trailers',
    clone(delivered, { message: message.replace(/AgentOS-Plan: ./, 'AgentOS-Plan: x') }),
    /AgentOS-Plan/,
  ],
  [
    'another place in the ledger',
    clone(delivered, { message: message.replace(/AgentOS-Ledger: \d+/, 'AgentOS-Ledger: 1') }),
    /AgentOS-Ledger/,
  ],
  ['nothing of the run', clone('2'.repeat(40)), /neither/],
])('a clone with %s is not what the evidence says', async (_what, reader, fault) => {
  expect(await verifyAgainstRepository(bytes, trust, reader)).toMatchObject({
    valid: false,
    fault: expect.stringMatching(fault),
  })
})

test('evidence that is not valid is not compared', async () => {
  const changed = bytes.with(100, 65)
  expect(await verifyAgainstRepository(changed, trust, clone(delivered))).toMatchObject({ valid: false })
})
