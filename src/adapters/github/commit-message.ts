import { WillNotWork } from '../../app/ports.ts'
import type { CommitBody } from '../../domain/effects.ts'
import type { Sha256 } from '../../domain/hash.ts'
import type { EffectKey } from '../../domain/ids.ts'

type Trailer = { readonly name: string; readonly value: string }

/** The effect that makes the commit, and the event that asked for it. */
export type CommitOrigin = { readonly key: EffectKey; readonly event: { readonly seq: number; readonly hash: Sha256 } }

/** The words by which GitHub, and most other CI, leaves out the checks of a commit. */
const SKIPS_CHECKS = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:/im

/**
 * Subject, body, two empty lines, trailers. GitHub skips checks only where the trailer block stands so and
 * `skip-checks: true` is its last line. The Ledger and Step trailers are set here, from what asked for the commit.
 */
export function renderMessage(body: CommitBody, origin: CommitOrigin): string {
  const subject = singleLine('subject', body.subject)
  const text = body.body.replaceAll('\r\n', '\n').trim()
  if (text.includes('\0') || text.includes('\r')) throw new WillNotWork('The commit’s body holds a control character')
  if (!body.skipChecks && SKIPS_CHECKS.test(`${subject}\n${text}`)) {
    throw new WillNotWork('The commit’s text would make GitHub skip the checks of the delivered commit')
  }
  const trailers = withOrigin(body.trailers, origin).map(renderTrailer)
  if (body.skipChecks) trailers.push('skip-checks: true')
  return `${[subject, ...(text === '' ? [] : [text])].join('\n\n')}\n\n\n${trailers.join('\n')}\n`
}

/** Whether a stored message is the one that this effect wrote. */
export function isMessageOf(message: string, key: EffectKey): boolean {
  return lastParagraph(message).includes(`AgentOS-Step: ${key}`)
}

function lastParagraph(message: string): readonly string[] {
  return message.trimEnd().split(/\n\n+/).at(-1)?.split('\n') ?? []
}

/** AgentOS's own trailers stand together, before those that name people. */
function withOrigin(given: readonly Trailer[], { key, event }: CommitOrigin): readonly Trailer[] {
  const last = given.findLastIndex(({ name }) => name.startsWith('AgentOS-')) + 1
  const own = [
    { name: 'AgentOS-Step', value: key },
    { name: 'AgentOS-Ledger', value: `${event.seq}@${event.hash}` },
  ]
  return [...given.slice(0, last), ...own, ...given.slice(last)]
}

const SET_HERE: ReadonlySet<string> = new Set(['agentos-step', 'agentos-ledger', 'skip-checks'])

function renderTrailer({ name, value }: Trailer, _index: number, all: readonly Trailer[]): string {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) throw new WillNotWork(`${JSON.stringify(name)} is no name of a trailer`)
  const same = all.filter((trailer) => trailer.name.toLowerCase() === name.toLowerCase())
  if (SET_HERE.has(name.toLowerCase()) && same.length > 1) throw new WillNotWork(`The trailer ${name} is given twice`)
  if (name.toLowerCase() === 'skip-checks') throw new WillNotWork('Whether checks are skipped is not said by a trailer')
  return `${name}: ${singleLine(name, value)}`
}

function singleLine(what: string, text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || /[\r\n\0\u0085\u2028\u2029]/.test(trimmed)) {
    throw new WillNotWork(`The commit’s ${what} must be one line of text`)
  }
  return trimmed
}
