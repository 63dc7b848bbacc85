import type { Sha256 } from '../domain/hash.ts'

/** How much a job has stored, so that none can fill the ledger; counted in this process alone, so a restart forgives. */
export type BlobQuota = {
  /** Whether one more blob is within `most` bytes; a blob that the job stored before costs nothing again. */
  admits(grant: string, blob: { readonly sha256: Sha256; readonly size: number }, most: number): boolean
}

const MOST_JOBS = 1000
/** What a blob costs at least, whatever its size. */
const LEAST_BYTES = 1024

export function blobQuota(): BlobQuota {
  const jobs = new Map<string, { readonly blobs: Set<Sha256>; bytes: number }>()
  const jobOf = (grant: string) => {
    const known = jobs.get(grant)
    if (known !== undefined) return known
    const [oldest] = jobs.keys()
    if (oldest !== undefined && jobs.size >= MOST_JOBS) jobs.delete(oldest)
    const fresh = { blobs: new Set<Sha256>(), bytes: 0 }
    jobs.set(grant, fresh)
    return fresh
  }
  return {
    admits(grant, { sha256, size }, most) {
      const job = jobOf(grant)
      if (job.blobs.has(sha256)) return true
      const bytes = job.bytes + Math.max(size, LEAST_BYTES)
      if (bytes > most) return false
      job.blobs.add(sha256)
      job.bytes = bytes
      return true
    },
  }
}
