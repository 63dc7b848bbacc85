import { canonicalJson } from '../domain/canonical.ts'
import type { EffectStatus, ListedEffect, ProjectedEffect, StoreAtOnce } from './ledger.ts'
import { effectProjector, intendedIn } from './project-effects.ts'

type Kept = Pick<StoreAtOnce, 'ledger' | 'queue' | 'projections'>

/**
 * What is wrong with the list of effects: workers perform what it says, so it must say what the log says. It can be made
 * again at any time, by which nothing of it is lost but when an effect is tried next, and how often and why it was put off.
 */
export async function faultInEffects({ ledger, queue, projections }: Kept): Promise<string | undefined> {
  for (const stream of new Set([...(await ledger.streams('')), ...(await projections.streams())])) {
    const events = await ledger.read(stream)
    const rows = await queue.list(stream)
    const documents = await intendedIn(ledger, events)
    const asked = effectProjector((sha256) => documents.get(sha256))(stream, events)
    const fault = faultIn(asked, rows, { isErased: events.some(({ type }) => type === 'BlobRedacted') })
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Of a run from which something was erased, what is closed may be gone, with what it said. */
function faultIn(
  asked: readonly ProjectedEffect[],
  rows: readonly ListedEffect[],
  { isErased }: { readonly isErased: boolean },
): string | undefined {
  const kept = new Map(rows.map((row) => [row.key, row]))
  for (const effect of asked) {
    const row = kept.get(effect.key)
    kept.delete(effect.key)
    if (isErased && effect.status !== 'due') continue
    if (row === undefined) return `effect ${effect.key} is not in the list of effects`
    const fault = faultInRow(effect, row)
    if (fault !== undefined) return `effect ${effect.key} ${fault}`
  }
  const stray = [...kept.values()].find(({ status }) => !isErased || isOpen(status))
  return stray === undefined ? undefined : `effect ${stray.key} is in the list of effects, and no event asks for it`
}

function faultInRow(effect: ProjectedEffect, row: ListedEffect): string | undefined {
  const [asked, kept] = [effect, row].map(({ stream, type, body, dueAt }) => ({ stream, type, body, dueAt }))
  if (canonicalJson(asked) !== canonicalJson(kept)) return 'is not listed as the log asks for it'
  return COUNTS_AS[effect.status].includes(row.status)
    ? undefined
    : `is listed as ${row.status}, and the log says ${effect.status}`
}

/** Whether an open effect was attempted is not in the log, and one that was is seen through after it was overtaken. */
const COUNTS_AS: Readonly<Record<ProjectedEffect['status'], readonly EffectStatus[]>> = {
  due: ['due', 'attempted'],
  done: ['done'],
  abandoned: ['abandoned', 'attempted'],
}

function isOpen(status: EffectStatus): boolean {
  return status === 'due' || status === 'attempted'
}
