import type { z } from 'zod'
import { Envelope, statementIn } from '../dsse.ts'
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
    const statement = statementIn(readDocument(documents, sha256, Envelope))
    if (statement?.predicateType !== type) throw new BrokenRecord(`blob ${sha256} is not a statement of type ${type}`)
    const parsed = schema.safeParse(statement.predicate)
    if (!parsed.success) throw new BrokenRecord(`blob ${sha256}: ${parsed.error.issues[0]?.message ?? 'wrong shape'}`)
    return parsed.data
  })
}
