import { quote } from '../../domain/control/quote.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { DeskRefusal, JobPorts } from './ports.ts'

/** Brings bytes to the controller, once; `path` is the file whose bytes they are, or null for what a command printed. */
export type Keep = (blob: NewBlob, path: string | null) => Promise<void>

/** The controller did not take bytes or a receipt; the job cannot go on. */
export class DeskDeclined extends Error {
  override readonly name = 'DeskDeclined'
  readonly refusal: DeskRefusal
  constructor(refusal: DeskRefusal) {
    super(refusal.because)
    this.refusal = refusal
  }
}

export function keeper({ blobs, filter }: Pick<JobPorts, 'blobs' | 'filter'>): Keep {
  const kept = new Set<Sha256>()
  return async (blob, path) => {
    if (kept.has(blob.sha256)) return
    const taken = await blobs.put(blob)
    // Only the job knows which file it was. Its path is cleaned before it is cut short: half a secret is not known as one.
    if (!taken.ok) throw new DeskDeclined(path === null ? taken.refusal : naming(filter.text(path), taken.refusal))
    kept.add(blob.sha256)
  }
}

function naming(path: string, refusal: DeskRefusal): DeskRefusal {
  return { ...refusal, because: `${quote(path)}: ${refusal.because}` }
}
