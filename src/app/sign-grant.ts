import { GRANT_TYPE, Grant } from '../domain/grant.ts'
import type { Sha256 } from '../domain/hash.ts'
import { type Documents, type NewBlob, readDocument, toDocument } from '../domain/packs/documents.ts'
import type { Signer } from './ports.ts'
import { sealStatement } from './runner/statements.ts'

/** Signs the Grant that a document holds. Ed25519 is deterministic: the same Grant always has the same envelope. */
export function signGrantWith(signer: Signer): (grant: Sha256, documents: Documents) => NewBlob {
  return (grant, documents) => {
    const document = readDocument(documents, grant, Grant)
    return toDocument(sealStatement(signer, GRANT_TYPE, `grant/${document.id}`, document))
  }
}
