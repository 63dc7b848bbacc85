import type { FilePatch } from '../../src/domain/patch/file-patch.ts'
import type { Came, Walked } from './engine.ts'

/** What the commits of one repository held, and what became of them. */
export type Tally = {
  commits: number
  /** Left out because the copy of the repository lacks files of theirs. */
  incomplete: number
  renames: number
  modeChanges: number
  binaryFiles: number
  nonAsciiPaths: number
  links: number
  submodules: number
  /** Committed trees that are git's own: forth, and back to the parent. */
  forth: number
  back: number
  /** By rule, how many commits hygiene refused. */
  readonly refused: { readonly forth: Record<string, number>; readonly back: Record<string, number> }
  readonly faults: string[]
}

export function newTally(): Tally {
  const none = {
    commits: 0,
    incomplete: 0,
    renames: 0,
    modeChanges: 0,
    binaryFiles: 0,
    nonAsciiPaths: 0,
    links: 0,
    submodules: 0,
  }
  return { ...none, forth: 0, back: 0, refused: { forth: {}, back: {} }, faults: [] }
}

export function count(tally: Tally, id: string, { patches, forth, back }: Walked): void {
  const number = (is: (patch: FilePatch) => boolean) => patches.filter(is).length
  tally.commits += 1
  tally.renames += number(({ change }) => change.is === 'rename')
  tally.modeChanges += number(({ change }) => 'modes' in change && change.modes.after !== null)
  tally.binaryFiles += number(({ body }) => body.is === 'literal' || body.is === 'delta')
  // oxlint-disable-next-line no-control-regex
  tally.nonAsciiPaths += number(({ change }) => /[^\x00-\x7f]/.test(change.path))
  tally.links += number((patch) => modesOf(patch).includes('120000'))
  tally.submodules += number((patch) => modesOf(patch).includes('160000'))
  take(tally, id, 'forth', forth)
  take(tally, id, 'back', back)
}

function modesOf({ change }: FilePatch): readonly (string | null)[] {
  return 'modes' in change ? [change.modes.before, change.modes.after] : [change.mode]
}

function take(tally: Tally, id: string, way: 'forth' | 'back', came: Came): void {
  if (came.is === 'identical') tally[way] += 1
  if (came.is === 'different') tally.faults.push(`${id} ${way}: ${came.because}`)
  if (came.is === 'refused') {
    const rules = [...came.rules].sort().join('+')
    tally.refused[way][rules] = (tally.refused[way][rules] ?? 0) + 1
  }
}

export function sum(tallies: readonly Tally[]): Tally {
  const whole = newTally()
  for (const tally of tallies) {
    for (const key of NUMBERS) whole[key] += tally[key]
    for (const way of ['forth', 'back'] as const) {
      for (const [rules, number] of Object.entries(tally.refused[way])) {
        whole.refused[way][rules] = (whole.refused[way][rules] ?? 0) + number
      }
    }
    whole.faults.push(...tally.faults)
  }
  return whole
}

const NUMBERS = [
  'commits',
  'incomplete',
  'renames',
  'modeChanges',
  'binaryFiles',
  'nonAsciiPaths',
  'links',
  'submodules',
  'forth',
  'back',
] as const
