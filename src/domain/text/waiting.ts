import type { RunState } from '../run/state.ts'
import { inline } from './markdown.ts'
import { count } from './words.ts'

type Wait = NonNullable<RunState['wait']>

/** For whom and for what a run waits. */
export function waitText({ holder, number, key, since, ahead = [] }: Wait): string {
  const does = ahead.some(({ run }) => run === holder) ? 'waits in front of this one for' : 'holds'
  return `${runText(holder, number)} ${does} ${inline(shortKey(key))}${since === undefined ? '' : ` since ${since}`}`
}

/** The place in the line, with who is before. */
export function lineText({ ahead = [] }: Wait): string {
  if (ahead.length === 0) return 'first in line'
  const before = ahead.map(({ run, since }) => `run \`${run}\` since ${since}`).join(', ')
  return `${count(ahead.length, 'run')} in line before this one: ${before}`
}

export function runText(run: string, number: number | undefined): string {
  return `run \`${run}\`${number === undefined ? '' : ` (#${number})`}`
}

const MOST_OF_KEY = 150

function shortKey(key: string): string {
  return key.length <= MOST_OF_KEY ? key : `${key.slice(0, MOST_OF_KEY / 2)}…${key.slice(-MOST_OF_KEY / 2)}`
}
