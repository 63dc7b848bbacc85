import { controllerKey } from '../../src/app/evidence/export.ts'
import type { Signer } from '../../src/app/ports.ts'
import { sealStatement } from '../../src/app/runner/statements.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { EVIDENCE_TYPE, type Evidence } from '../../src/domain/evidence.ts'
import { hashOf } from '../../src/domain/hash.ts'
import { controller, stranger } from '../support/builders.ts'
import type { Change } from './changes.ts'

/** Evidence changed in what it says, before anybody tries to make it look whole; made when it is asked for. */
export type Forgery = { readonly what: string; readonly forge: () => Evidence | undefined }

/** Everything that somebody without the controller's key can do to make a forgery look sealed. */
export function* sealedWithoutKey({ what, forge }: Forgery): Generator<Change> {
  const evidence = forge()
  if (evidence === undefined) return
  const { seal, keys } = evidence
  const foreign = sealedBy(stranger, evidence)
  const [signature] = seal.signatures
  yield { what: `${what}, the seal left as it was`, bytes: toBytes(evidence) }
  yield { what: `${what}, sealed by a stranger`, bytes: toBytes(foreign) }
  yield {
    what: `${what}, sealed by a stranger who names his key`,
    bytes: toBytes(sealedBy(stranger, { ...evidence, keys: [controllerKey(stranger)] })),
  }
  yield {
    what: `${what}, sealed by a stranger who adds his key`,
    bytes: toBytes(sealedBy(stranger, { ...evidence, keys: [...keys, controllerKey(stranger)] })),
  }
  const inName = { ...foreign.seal, signatures: [{ ...foreign.seal.signatures[0], keyid: signature.keyid }] }
  yield {
    what: `${what}, sealed by a stranger in the controller’s name`,
    bytes: toBytes({ ...evidence, seal: inName }),
  }
  yield {
    what: `${what}, a new seal under the old signature`,
    bytes: toBytes({ ...evidence, seal: { ...foreign.seal, signatures: [signature] } }),
  }
  yield {
    what: `${what}, the signature emptied`,
    bytes: toBytes({ ...evidence, seal: { ...foreign.seal, signatures: [{ ...signature, sig: '' }] } }),
  }
  yield {
    what: `${what}, the signature left out`,
    bytes: toBytes({ ...evidence, seal: { ...foreign.seal, signatures: [] } }),
  }
  const { seal: _seal, ...unsealed } = evidence
  yield { what: `${what}, the seal left out`, bytes: toBytes(unsealed) }
}

/** The forgery sealed by the controller itself: what is below the seal must hold by itself. */
export function* sealedWithKey({ what, forge }: Forgery): Generator<Change> {
  const evidence = forge()
  if (evidence === undefined) return
  yield { what: `${what}, sealed with the controller’s key`, bytes: toBytes(sealedBy(controller, evidence)) }
}

/** Whoever forges says nothing of the log, since a proof of events that it does not hold cannot be made. */
function sealedBy(signer: Signer, evidence: Evidence): Evidence {
  const { seal: _seal, log: _log, ...rest } = evidence
  const head = rest.events.at(-1)
  const stated = { v: 1, run: rest.run, seq: head?.seq ?? 1, head: head?.hash ?? '', sha256: hashOf(rest) }
  return { ...rest, seal: sealStatement(signer, EVIDENCE_TYPE, `run/${rest.run}`, stated) }
}

function toBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
