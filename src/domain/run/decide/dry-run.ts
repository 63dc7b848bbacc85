import { Grant } from '../../grant.ts'
import type { ObjectId, Sha256 } from '../../hash.ts'
import type { Instant } from '../../ids.ts'
import { readDocument } from '../../packs/documents.ts'
import { readPredicate, readStepReceipts } from '../../packs/receipts.ts'
import { DELIVERY_TYPE, Delivery, type StepReceipt } from '../../receipt.ts'
import type { Deliberation } from '../deliberation.ts'
import { told } from '../state.ts'

/** The dry run that settled a plan, as its Grant and its signed receipts tell it. */
export type DryRun = {
  readonly grant: Grant
  /** The attested job that claimed the Grant; null where GitHub attested none. */
  readonly job: string | null
  /** When the Grant was claimed, by the controller's clock: nothing was measured before. */
  readonly since: Instant | null
  readonly document: Sha256
  readonly receipts: readonly StepReceipt[]
  readonly tree: ObjectId | null
  readonly reproduced: boolean
}

export function readDryRun(
  d: Deliberation,
  { document, receipts }: { readonly document: Sha256; readonly receipts: readonly Sha256[] },
): DryRun {
  const delivery = readPredicate(d.documents, document, DELIVERY_TYPE, Delivery)
  const issued = told(d.state().grants.find((one) => one.id === delivery.grant) ?? null, 'the Grant of the dry run')
  const use = issued.use.is === 'used' ? issued.use : null
  return {
    grant: readDocument(d.documents, issued.document, Grant),
    job: use === null || use.job === 'local' ? null : use.job,
    since: use?.at ?? null,
    document,
    receipts: readStepReceipts(d.documents, receipts),
    tree: delivery.tree,
    reproduced: delivery.reproduced,
  }
}
