import type { Ending } from './ending.ts'
import { type Ground, type Point, type Repetition, repeat } from './repetition.ts'

const SIDES = ['before', 'after'] as const

/** Every place at which the undisturbed run could have been struck. */
export function pointsOf({ requests, commits }: Pick<Repetition, 'requests' | 'commits'>): readonly Point[] {
  const atRequests = requests.flatMap((request) => SIDES.map((side) => ({ at: 'request', request, side }) as const))
  const atCommits = commits.flatMap((commit) => {
    const [kind = '', number = ''] = commit.split(' ')
    return sidesOf(kind).map((side) => ({ at: 'commit', kind, number: Number(number), side }) as const)
  })
  return [...atRequests, ...atCommits]
}

/** Before something was taken there is nothing to count: that moment is the one after the commit before. */
function sidesOf(kind: string): readonly ('before' | 'after')[] {
  return kind === 'take' || kind === 'next' ? ['after'] : SIDES
}

/** So many of them, evenly, from the first on. */
export function spread(points: readonly Point[], count: number): readonly Point[] {
  return points.filter(
    (_, i) => Math.floor((i * count) / points.length) !== Math.floor(((i - 1) * count) / points.length),
  )
}

/** Groups of `size` whose members lie far from each other. */
export function grouped(points: readonly Point[], size: number): readonly (readonly Point[])[] {
  const groups = Math.ceil(points.length / size)
  return Array.from({ length: groups }, (_, i) => points.filter((_, place) => place % groups === i))
}

export function nameOf(point: Point): string {
  return point.at === 'request'
    ? `${point.side} ${point.request}`
    : `${point.side} commit ${point.kind} ${point.number}`
}

export type Struck =
  | { readonly is: 'equal'; readonly kills: number; readonly seconds: number }
  | { readonly is: 'different'; readonly seconds: number; readonly differences: readonly string[] }
  | { readonly is: 'broken'; readonly because: string }

/** Plays the story once with the server killed at each of `points`, and compares the end with that of the undisturbed run. */
export async function strike(ground: Ground, undisturbed: Ending, points: readonly Point[]): Promise<Struck> {
  try {
    const { ending, kills, seconds } = await repeat(ground, points)
    const differences = differencesOf(undisturbed, ending)
    if (differences.length > 0) return { is: 'different', seconds, differences }
    return { is: 'equal', kills, seconds }
  } catch (error) {
    return { is: 'broken', because: error instanceof Error ? error.message : 'not an Error' }
  }
}

export function differencesOf(undisturbed: Ending, ending: Ending): readonly string[] {
  const names = new Set([...Object.keys(undisturbed), ...Object.keys(ending)])
  return [...names].flatMap((name) => {
    const [was, is] = [undisturbed[name], ending[name]].map((value) => JSON.stringify(value))
    return was === is ? [] : [`${name}: ${is} instead of ${was}`]
  })
}

/** At most `hands` at a time, in order. */
export async function inHands<T>(items: readonly T[], hands: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const hand = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: hands }, hand))
}
