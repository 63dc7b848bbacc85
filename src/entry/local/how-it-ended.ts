import { exportEvidence } from '../../app/evidence/export.ts'
import { placeInLog } from '../../app/evidence/log-place.ts'
import type { LocalStanding } from '../../app/local-run.ts'
import { logTree } from '../../app/log-tree.ts'
import type { Signer } from '../../app/ports.ts'
import type { RunId } from '../../domain/ids.ts'
import type { Result } from '../../domain/result.ts'
import { isNeutral } from '../../domain/run/neutral.ts'
import type { OpenedLocal } from './open-local.ts'
import { type Stop, stop } from './stop.ts'

/** How work on a clone ended. Evidence is there from the moment that a run began, also when nothing was landed. */
export type LocalEnding<T, S extends Stop = Stop> = {
  readonly evidence: string | null
  readonly log: string
  readonly result: Result<T, S>
}

/** The ending of a run that began, with its sealed evidence. */
export async function endingOf<T, S extends Stop>(
  opened: OpenedLocal,
  { signer, run }: { readonly signer: Signer; readonly run: RunId },
  result: Result<T, S>,
): Promise<LocalEnding<T, S>> {
  const { ledger, local } = opened
  const place = placeInLog({ log: logTree(ledger).now, signer, clock: local.clock })
  const evidence = (await exportEvidence({ ledger, signer, place }, run)) ?? null
  return { evidence, log: await lastWords(opened), result }
}

/** Why a local run did not come where it should, for the exit code and for people. */
export function howItEnded({ ends, broken }: OpenedLocal, { state }: LocalStanding): Stop {
  if (broken.length > 0) throw broken[0]
  const job = ends.at(-1)
  const exit = job === undefined || job.exit === 0 ? 1 : job.exit
  if (state.end !== null) {
    const { rule, because, next } = state.end
    const code = isNeutral(rule) ? 5 : state.phase === 'refused' ? 3 : exit
    return stop(code, rule, because, forClone(next))
  }
  if (job?.is === 'declined') return stop(3, job.refusal.rule, job.refusal.because, job.refusal.next)
  return stop(1, 'run', `the run stays ${state.phase}`, 'plan again')
}

/** Slash commands mean nothing on a clone; a mode that would help does. */
function forClone(next: string): string {
  const [, mode] = /`\/agentos plan --mode (\w+)/.exec(next) ?? []
  if (mode !== undefined) return `plan again with \`--mode ${mode}\`, in which people are asked or take over the doubt`
  return next.includes('/agentos') ? 'settle this, then plan again' : next
}

const TAIL_LINES = 60

/** The last lines that the step which ended the job printed, as plain text. */
export async function lastWords({ ends, ledger }: OpenedLocal): Promise<string> {
  const job = ends.at(-1)
  if (job?.is !== 'delivered' || job.delivery.outcome.is !== 'failed') return ''
  const { step } = job.delivery.outcome
  const log = job.delivery.logs.find((one) => one.step === step)
  if (log === undefined) return ''
  const blobs = await ledger.blobs([log.stdout, log.stderr])
  const printed = [log.stdout, log.stderr].map((sha256) => Buffer.from(blobs.get(sha256) ?? []).toString('utf8'))
  const lines = printed
    .join('\n')
    .replace(/[^\P{C}\n\t]/gu, '?')
    .trimEnd()
    .split('\n')
  return lines.slice(-TAIL_LINES).join('\n')
}
