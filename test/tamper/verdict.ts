import { openEnvelope } from '../../src/adapters/signing/ed25519.ts'
import type { Anchor } from '../../src/app/evidence/open-bundle.ts'
import { verifyEvidence } from '../../src/app/verify.ts'
import type { ControllerKey } from '../../src/domain/evidence.ts'
import type { Change } from './changes.ts'

/** How many changes were tried, by the first thing that was found wrong, and those in which nothing was. */
export type Tally = {
  readonly tried: number
  readonly faults: Readonly<Record<string, number>>
  readonly undetected: readonly string[]
}

export type Reader = { readonly trusted: readonly ControllerKey[]; readonly anchor?: Anchor | null }

/** Lets the verifier itself look at the bytes of each change. That it breaks is as bad as that it accepts. */
export function tally(changes: Iterable<Change>, reader: Reader): Tally {
  const faults = new Map<string, number>()
  const undetected: string[] = []
  let tried = 0
  for (const { what, bytes } of changes) {
    tried += 1
    const fault = faultFound(bytes, reader)
    if ('missed' in fault) undetected.push(`${what}: ${fault.missed}`)
    else faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1)
  }
  return { tried, faults: Object.fromEntries(faults), undetected }
}

export function together(tallies: readonly Tally[]): Tally {
  const faults = new Map<string, number>()
  for (const one of tallies)
    for (const [kind, count] of Object.entries(one.faults)) faults.set(kind, (faults.get(kind) ?? 0) + count)
  return {
    tried: tallies.reduce((sum, one) => sum + one.tried, 0),
    faults: Object.fromEntries([...faults].sort(([, a], [, b]) => b - a)),
    undetected: tallies.flatMap((one) => one.undetected),
  }
}

function faultFound(bytes: Uint8Array, reader: Reader): { readonly kind: string } | { readonly missed: string } {
  try {
    const verified = verifyEvidence(bytes, { open: openEnvelope, ...reader })
    return verified.valid ? { missed: 'it was taken for valid' } : { kind: kindOf(verified.fault) }
  } catch (error) {
    return { missed: `the verifier broke: ${String(error)}` }
  }
}

/** A fault without the names and numbers in it. */
function kindOf(fault: string): string {
  return fault
    .replaceAll(/\b[0-9a-f]{40,64}\b/g, '…')
    .replaceAll(/\d+/g, 'N')
    .replace(
      /^(belongs to|decided again it differs|it is no evidence|an event does not hold what its type says).*/s,
      '$1',
    )
    .slice(0, 100)
}
