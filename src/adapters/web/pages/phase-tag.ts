import { html } from 'hono/html'
import type { ListedPhase } from '../../../app/queries/run-index.ts'
import type { Html } from './text.ts'

export type Tone = 'good' | 'bad' | 'wait' | 'run' | 'plain'

const TONES: { readonly [P in ListedPhase]: Tone } = {
  absent: 'plain',
  requested: 'run',
  planning: 'run',
  blocked: 'wait',
  proposed: 'wait',
  approved: 'run',
  waiting_for_lock: 'wait',
  executing: 'run',
  delivered: 'good',
  merged: 'good',
  closed: 'plain',
  rolled_back: 'plain',
  refused: 'bad',
  failed: 'bad',
  cancelled: 'plain',
  expired: 'plain',
  unreadable: 'bad',
}

export function toneOf(phase: ListedPhase): Tone {
  return TONES[phase]
}

export function phaseTag(phase: ListedPhase): Html | Promise<Html> {
  return tag(phase.replaceAll('_', ' '), toneOf(phase))
}

/** A word with a colour; the word alone says it too. */
export function tag(word: string, tone: Tone): Html | Promise<Html> {
  return html`<span class="tag ${tone}">${word}</span>`
}
