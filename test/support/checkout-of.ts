import { blobId } from '../../src/domain/git-objects.ts'
import type { Entry } from '../../src/domain/patch/edit.ts'
import { toCheckout } from '../../src/domain/targets/checkout.ts'
import type { Checkout } from '../../src/domain/targets/target.ts'

export type TextFiles = Readonly<Record<string, string>>

export function entriesOf(files: TextFiles): readonly Entry[] {
  return Object.entries(files).map(([path, text]) => ({ path, mode: '100644', blob: blobId(Buffer.from(text)) }))
}

/** A checkout of these files, all of which can be read. */
export function checkoutOf(files: TextFiles): Checkout {
  const bytes = new Map(Object.values(files).map((text) => [blobId(Buffer.from(text)), Buffer.from(text)]))
  return toCheckout(entriesOf(files), (blob) => bytes.get(blob))
}
