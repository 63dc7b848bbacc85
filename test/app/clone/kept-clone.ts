import { openEnvelope } from '../../../src/adapters/signing/ed25519.ts'
import { type CheckedClone, verifyClone } from '../../../src/app/clone/verify-clone.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { keepsakes } from '../../../src/app/evidence/kept-evidence.ts'
import type { Trust } from '../../../src/app/evidence/open-bundle.ts'
import type { Ledger } from '../../../src/app/ledger.ts'
import { logTree } from '../../../src/app/log-tree.ts'
import type { Signer } from '../../../src/app/ports.ts'
import { EVIDENCE_REF, evidencePath } from '../../../src/domain/evidence.ts'
import { Sha256 } from '../../../src/domain/hash.ts'
import { readDocument } from '../../../src/domain/packs/documents.ts'
import { CommitMessage } from '../../../src/domain/run/decide/commit.ts'
import { BASE_SHA, baseEntries, controller, RUN } from '../../support/builders.ts'
import { given, type Play, planOf, story } from '../../support/given.ts'
import { aClone, entriesAfter } from './a-clone.ts'

export const clock = { now: () => '2026-03-01T09:00:00.000Z' }
export const trust: Trust = { open: openEnvelope, trusted: [controllerKey(controller)] }
export const merged = given().when(story.merged).play
export const delivered = given().when(story.delivered).play
export const DELIVERED = delivered.state.delivered?.commit ?? ''
export const MERGED = merged.state.merged?.commit ?? ''
export const message = messageOf(merged)
export const after = entriesAfter(baseEntries, planOf(merged).edits)

function messageOf(play: Play): string {
  const ended = play.events.find((event) => event.type === 'PullRequestEnded')?.data['merge']
  const named = typeof ended === 'object' && ended !== null && !Array.isArray(ended) ? ended['message'] : ''
  return readDocument(play.shelf.documents, Sha256.parse(named), CommitMessage).message
}

type Landing = { readonly entries?: typeof after; readonly message?: string; readonly parents?: readonly string[] }

/** A clone whose main has the base and the squash, to which evidence is pushed as the server does. */
export function keptClone() {
  const clone = aClone()
  const lands = (id: string, more: Landing = {}): void => {
    clone.add({
      id,
      parents: more.parents ?? [BASE_SHA],
      message: more.message ?? message,
      entries: more.entries ?? after,
    })
    clone.refs.set('HEAD', id)
    clone.refs.set('refs/heads/main', id)
  }
  clone.add({ id: BASE_SHA, entries: baseEntries })
  lands(MERGED)
  const fileAt = async (commit: string, path: string): Promise<Uint8Array> => {
    const blob = (await clone.reader.entries(commit)).find((entry) => entry.path === path)?.blob ?? ''
    return (await clone.reader.blobs([blob])).get(blob) ?? new Uint8Array()
  }
  const keepsake = async (from: Ledger, signer: Signer) => {
    const source = { ledger: from, log: logTree(from).now, signer, clock, open: openEnvelope }
    const tip = clone.refs.get(EVIDENCE_REF)
    return keepsakes(source)(RUN, tip === undefined ? null : await fileAt(tip, 'checkpoint.json'))
  }
  const keeps = async (from: Ledger, signer = controller): Promise<string> => {
    const { evidence, checkpoint } = await keepsake(from, signer)
    return clone.push(EVIDENCE_REF, { 'checkpoint.json': checkpoint, [evidencePath(RUN)]: evidence })
  }
  /** A push that leaves the account of this run as it was, as those of other runs do. */
  const keepsBeside = async (from: Ledger, signer: Signer): Promise<string> =>
    clone.push(EVIDENCE_REF, { 'checkpoint.json': (await keepsake(from, signer)).checkpoint })
  const check = async (more: Partial<Trust> = {}, files: Parameters<typeof verifyClone>[1] = []) => {
    const whose = { ...trust, ...more }
    const checked = await verifyClone(clone.reader, files, { trust: whose, pushed: whose })
    if ('is' in checked) throw new Error(checked.is)
    return checked
  }
  const faults = async (more: Partial<Trust> = {}) => (await check(more)).faults.map(named)
  const tip = () => clone.refs.get(EVIDENCE_REF) ?? ''
  const before = async (commit: string) => (await clone.reader.commit(commit)).parents[0] ?? ''
  return { clone, lands, fileAt, keeps, keepsBeside, check, faults, tip, before }
}

function named({ fault, where }: CheckedClone['faults'][number]): string {
  return `${where}: ${fault}`
}
