import { cutText } from './cut-text.ts'
import type { Claim, TextSource, Understanding } from './intent.ts'
import { type ClaimKind, claimsIn, type Found } from './intent-claims.ts'
import { overriddenAmong, type Ranked } from './intent-conflicts.ts'
import { type KindFound, kindOf, kindOfLabels } from './intent-kind.ts'
import { type Citable, toCitable } from './intent-lines.ts'

/** The exact texts of a request. `comment` is what the requester wrote behind the command, empty where there was nothing. */
export type RequestTexts = {
  readonly title: string
  readonly body: string
  readonly labels: readonly string[]
  readonly comment: string
  /** What the requester added later, and the review that was taken along with it. */
  readonly amendments: readonly { readonly text: string; readonly review: string }[]
  /** What stands for a goal where nobody wrote one. */
  readonly otherwise: string
}

type Source = { readonly source: TextSource; readonly rank: number; readonly read: Citable }

const MAX_GOAL = 16_000

/** Tells apart what the texts of a request say. Nothing in them can do more than be said here. */
export function understand(texts: RequestTexts): Understanding {
  const sources = sourcesOf(texts)
  const all = sources.flatMap(({ read, rank }) => distinct(claimsIn(read)).map((found): Ranked => ({ ...found, rank })))
  const claims = all.slice(0, MAX_COMPARED)
  const overridden = overriddenAmong(claims)
  const lost = new Set(overridden.map(({ claim }) => claim))
  const standing = claims.filter((claim) => !lost.has(claim))
  const kind = kindFrom(sources, texts.labels)
  const goal = goalOf(sources, texts.otherwise)
  const hidden = hiddenIn(sources)
  const groups = {
    scope: once(standing, 'scope', 200),
    constraints: once(standing, 'constraint', 50),
    criteria: once(standing, 'criterion', 50),
    nonGoals: once(standing, 'non-goal', 50),
    assumptions: once(standing, 'assumption', 50),
  }
  const unlisted = Object.values(groups).flatMap(({ left }) => left).length + Math.max(0, overridden.length - 50)
  return {
    goal: cutText(goal, MAX_GOAL),
    kind: kind.kind,
    kindFrom: kind.from,
    scope: groups.scope.kept,
    constraints: groups.constraints.kept,
    criteria: groups.criteria.kept.map((claim, index) => ({ id: `c${index + 1}`, ...claim })),
    nonGoals: groups.nonGoals.kept,
    assumptions: groups.assumptions.kept,
    overridden: overridden.slice(0, 50).map(({ claim, by }) => ({ claim: claim.claim, by: by.claim })),
    hidden: hidden.kept,
    leftOut: {
      goal: goal.length - cutText(goal, MAX_GOAL).length,
      claims: unlisted + all.length - claims.length,
      hidden: hidden.left,
    },
  }
}

/** Every claim is compared with every other, so there is an end to them. */
const MAX_COMPARED = 600
const MAX_HIDDEN = 50

/** The first that are hidden, and how many more there are. */
function hiddenIn(sources: readonly Source[]): { readonly kept: Understanding['hidden']; readonly left: number } {
  const first = sources.flatMap(({ source, read }) =>
    read.hidden
      .slice(0, MAX_HIDDEN)
      .map((span) => ({ ...span, text: span.text.slice(0, 1000).toWellFormed(), source })),
  )
  const all = sources.reduce((sum, { read }) => sum + read.hidden.length, 0)
  return { kept: first.slice(0, MAX_HIDDEN), left: Math.max(0, all - MAX_HIDDEN) }
}

function distinct(found: readonly Found[]): readonly Found[] {
  const kept = new Map<string, Found>()
  for (const one of found.toReversed()) kept.set(`${one.is} ${one.claim.text}`, one)
  return [...kept.values()].toReversed()
}

/** The highest rank first: the newest amendment, the comment, and at last the issue. */
function sourcesOf({ title, body, comment, amendments }: RequestTexts): readonly Source[] {
  const amended = amendments.flatMap(({ text, review }, index) => [
    { source: `amendment ${index + 1} review`, rank: 2 * index + 2, text: review },
    { source: `amendment ${index + 1}`, rank: 2 * index + 3, text },
  ])
  const all = [
    ...amended.toReversed(),
    { source: 'comment', rank: 1, text: comment },
    { source: 'issue-title', rank: 0, text: title },
    { source: 'issue-body', rank: 0, text: body },
  ]
  return all.map(({ source, rank, text }) => ({ source, rank, read: toCitable(source, text) }))
}

/** The requester's own words are the goal; without any, the issue's are. Each amendment is added to it. */
function goalOf(sources: readonly Source[], otherwise: string): string {
  const shown = (source: TextSource) => sources.find((one) => one.source === source)?.read.visible.trim() ?? ''
  const issue = [shown('issue-title'), shown('issue-body')].filter((text) => text !== '').join('\n\n')
  const first = shown('comment') || issue || otherwise
  const amended = sources.filter(({ rank, read }) => rank > 1 && read.visible.trim() !== '').toReversed()
  const parts = [first, ...amended.map(({ source, read }) => `${source}: ${read.visible.trim()}`)].filter(
    (part) => part !== '',
  )
  return parts.length === 0 ? 'no request was written' : parts.join('\n\n')
}

function kindFrom(sources: readonly Source[], labels: readonly string[]): KindFound {
  const read = (source: TextSource) => sources.find((one) => one.source === source)?.read
  const [comment, title] = [read('comment'), read('issue-title')]
  const found =
    (comment === undefined ? undefined : kindOf(comment)) ??
    kindOfLabels(labels) ??
    (title === undefined ? undefined : kindOf(title))
  return found ?? { kind: 'unknown', from: null }
}

type Listed = { readonly kept: Claim[]; readonly left: readonly Claim[] }

/** The same words said twice are one claim, of the text that ranks highest. */
function once(claims: readonly Ranked[], is: ClaimKind, most: number): Listed {
  const seen = new Set<string>()
  const all = claims.flatMap((found) => {
    const isNew = found.is === is && !seen.has(found.claim.text)
    if (isNew) seen.add(found.claim.text)
    return isNew ? [found.claim] : []
  })
  return { kept: all.slice(0, most), left: all.slice(most) }
}
