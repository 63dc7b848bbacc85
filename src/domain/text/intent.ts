import type { Claim, Understanding } from '../packs/intent.ts'
import { fenced, limited } from './markdown.ts'

/** The request as it was understood: the goal, what was claimed and where, and what is hidden in it. Nothing in it takes effect. */
export function intentText(intent: Understanding): string {
  const claims = claimLines(intent)
  return [
    fenced(limited(intent.goal, 4000)),
    ...(claims.length === 0 ? [] : ['Read from it:', fenced(limited(claims.join('\n'), 6000))]),
    ...hiddenBlocks(intent),
    ...leftOutLines(intent),
  ].join('\n\n')
}

/** What a reader of the rendered text does not see; nothing where nothing is hidden. */
export function hiddenBlocks({ hidden }: Understanding): readonly string[] {
  if (hidden.length === 0) return []
  const lines = hidden.map(({ source, kind, text }) => `${source}, ${kind}: ${text}`)
  return ['Hidden in the text, shown here and not obeyed:', fenced(limited(lines.join('\n'), 4000))]
}

/** One line a claim, with the text and the span that it comes from. */
export function claimLines(intent: Understanding): readonly string[] {
  const { kind, kindFrom, scope, constraints, criteria, nonGoals, assumptions, overridden } = intent
  return [
    ...(kindFrom === null ? [] : [`kind ${kind}: ${cited(kindFrom)}`]),
    ...scope.map((claim) => `scope: ${cited(claim)}`),
    ...constraints.map((claim) => `constraint: ${cited(claim)}`),
    ...criteria.map((claim) => `criterion ${claim.id}: ${cited(claim)}`),
    ...nonGoals.map((claim) => `not a goal: ${cited(claim)}`),
    ...assumptions.map((claim) => `assumption: ${cited(claim)}`),
    ...overridden.map(({ claim, by }) => `overridden: ${cited(claim)} by ${cited(by)}`),
  ]
}

function cited({ text, source, start, end }: Claim): string {
  return `${text} [${source} ${start}-${end}]`
}

function leftOutLines({ leftOut: { goal, claims, hidden } }: Understanding): readonly string[] {
  const parts = [
    goal === 0 ? '' : `${goal} characters of the goal`,
    claims === 0 ? '' : `${claims} claims`,
    hidden === 0 ? '' : `${hidden} hidden parts`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? [] : [`Left out for length: ${parts.join(', ')}.`]
}
