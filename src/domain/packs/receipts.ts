import type { z } from 'zod'
import { Envelope, type Statement, statementIn } from '../dsse.ts'
import type { Sha256 } from '../hash.ts'
import { STEP_RECEIPT_TYPE, StepReceipt } from '../receipt.ts'
import { BrokenRecord, bytesOf, type Documents, readDocument, readOnce } from './documents.ts'

/** The step receipts behind their hashes. Signatures were checked before they were recorded, and are checked by `verify`. */
export function readStepReceipts(documents: Documents, hashes: readonly Sha256[]): readonly StepReceipt[] {
  return hashes.map((sha256) => readPredicate(documents, sha256, STEP_RECEIPT_TYPE, StepReceipt))
}

/** The predicate inside a stored envelope. Throws BrokenRecord when it is of another type. */
export function readPredicate<T>(documents: Documents, sha256: Sha256, type: string, schema: z.ZodType<T>): T {
  return readOnce(bytesOf(documents, sha256), { as: type, schema }, () => {
    const statement = readStatement(documents, sha256)
    if (statement?.predicateType !== type) throw new BrokenRecord(`blob ${sha256} is not a statement of type ${type}`)
    const parsed = schema.safeParse(statement.predicate)
    if (!parsed.success) throw new BrokenRecord(`blob ${sha256}: ${parsed.error.issues[0]?.message ?? 'wrong shape'}`)
    return parsed.data
  })
}

/** The statement inside a stored envelope, undefined where there is none in it; its signature is not looked at. */
export function readStatement(documents: Documents, sha256: Sha256): Statement | undefined {
  const payload = fromBase64(readDocument(documents, sha256, Envelope).payload)
  return payload === undefined ? undefined : statementIn(payload)
}

function fromBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i)
  return bytes
}
