import { z } from 'zod'
import { Json } from './canonical.ts'
import { toEpochMs } from './clock.ts'
import type { Effect } from './effects.ts'
import { RepositoryRef } from './effects.ts'
import { ObjectId, Sha256 } from './hash.ts'
import { ForeignId, RunId } from './ids.ts'
import { Person } from './packs/people.ts'
import type { EventEnvelope, Unplaced } from './run/envelope.ts'
import { fenced, inline, prose } from './text/markdown.ts'

/**
 * A repository's front desk: every command that did not become part of a run, and the index of runs by issue and pull
 * request. `RunOpened` and `RunBound` mirror decisions of runs.
 */
export const deskEvents = {
  CommandSeen: z.strictObject({
    repository: RepositoryRef,
    commentId: z.string().max(32),
    number: z.int().min(1),
    author: Person,
    words: Sha256,
    asks: z.discriminatedUnion('is', [
      z.strictObject({ is: z.literal('help') }),
      z.strictObject({
        is: z.literal('nothing-understood'),
        because: z.string().max(500),
        suggestion: z.string().max(100).nullable(),
      }),
      z.strictObject({ is: z.literal('not-permitted'), command: z.string().max(32), because: z.string().max(500) }),
      z.strictObject({ is: z.literal('no-run'), command: z.string().max(32) }),
      z.strictObject({ is: z.literal('no-source'), because: z.string().max(500), next: z.string().max(500) }),
      z.strictObject({ is: z.literal('no-rollback'), because: z.string().max(500), next: z.string().max(500) }),
      z.strictObject({ is: z.literal('broken-control-plane'), because: z.string().max(1000) }),
    ]),
    help: z.string().max(8000),
  }),
  /** A pull request that is no run's: AgentOS has nothing to review there and says so. */
  PullRequestSeen: z.strictObject({ repository: RepositoryRef, number: z.int().min(1), head: ObjectId }),
  CommandAnswered: z.strictObject({ rule: z.string().max(64), quiet: z.boolean() }),
  EffectsIntended: z.strictObject({ effects: z.array(z.strictObject({ kind: z.string(), body: Json })).max(5) }),
  EffectSettled: z.strictObject({
    key: z.string(),
    effect: z.string(),
    outcome: z.string().max(1000),
    receipt: Sha256.nullable(),
  }),
  RunOpened: z.strictObject({
    run: RunId,
    issue: z.int().min(1).nullable(),
    requester: ForeignId,
    /** The run that this one takes back. */
    undoes: RunId.exactOptional(),
  }),
  RunBound: z.strictObject({ run: RunId, number: z.int().min(1) }),
} as const

export type CommandSeen = z.infer<typeof deskEvents.CommandSeen>
export type PullRequestSeen = z.infer<typeof deskEvents.PullRequestSeen>

/** What the desk records, and what it has done about it. */
export type DeskDecision = { readonly events: readonly Unplaced[]; readonly effects: readonly Effect[] }

/** The newest run of each issue and pull request, the newest rollback of each run, and when someone was last told no in words. */
export type DeskState = {
  readonly runs: ReadonlyMap<number, RunId>
  readonly all: readonly RunId[]
  readonly rollbacks: ReadonlyMap<RunId, RunId>
  readonly told: ReadonlyMap<string, string>
}

export const emptyDesk: DeskState = { runs: new Map(), all: [], rollbacks: new Map(), told: new Map() }

export function evolveDesk(state: DeskState, event: Pick<EventEnvelope, 'type' | 'data' | 'at'>): DeskState {
  if (event.type === 'RunOpened') {
    const { run, issue, undoes } = deskEvents.RunOpened.parse(event.data)
    const runs = issue === null ? state.runs : new Map(state.runs).set(issue, run)
    const rollbacks = undoes === undefined ? state.rollbacks : new Map(state.rollbacks).set(undoes, run)
    return { ...state, runs, rollbacks, all: [...state.all, run] }
  }
  if (event.type === 'RunBound') {
    const { run, number } = deskEvents.RunBound.parse(event.data)
    return { ...state, runs: new Map(state.runs).set(number, run) }
  }
  if (event.type === 'CommandSeen') {
    const seen = deskEvents.CommandSeen.parse(event.data)
    const last = state.told.get(listener(seen))
    if (seen.asks.is === 'help' || (last !== undefined && toEpochMs(event.at) - toEpochMs(last) < QUIET_MS))
      return state
    return { ...state, told: new Map(state.told).set(listener(seen), event.at) }
  }
  return state
}

/** One refusal in words to one person on one issue within this time; further ones are a reaction only. */
const QUIET_MS = 3_600_000

function listener(seen: CommandSeen): string {
  return `${seen.author.id}/${seen.number}`
}

/** What the desk does about a command: always one visible answer. */
export function decideDesk(past: DeskState, seen: CommandSeen, at: string): DeskDecision {
  const last = past.told.get(listener(seen))
  const stranger = seen.author.role === 'none' || seen.author.role === 'read'
  const quiet = seen.asks.is !== 'help' && last !== undefined && toEpochMs(at) - toEpochMs(last) < QUIET_MS && stranger
  const { rule, text } = reply(seen)
  const effects: Effect[] = [
    {
      kind: 'react',
      body: { on: 'comment', id: seen.commentId, content: seen.asks.is === 'help' ? 'eyes' : 'confused' },
    },
  ]
  if (!quiet) effects.push({ kind: 'comment', body: { number: seen.number, role: 'desk', text } })
  return {
    events: [
      { kind: 'input', type: 'CommandSeen', v: 1, data: seen, by: `github:${seen.author.id}`, at },
      decided('CommandAnswered', { rule, quiet }, at),
      intending(effects, at),
    ],
    effects,
  }
}

/** The check `agentos/review` completes as skipped at once where no run is reviewed, so that requiring it blocks nobody. */
export function decideForeignPullRequest(seen: PullRequestSeen, at: string): DeskDecision {
  const effects: readonly Effect[] = [
    {
      kind: 'check',
      body: {
        name: 'agentos/review',
        head: seen.head,
        status: 'completed',
        conclusion: 'skipped',
        title: 'Not a run of AgentOS',
        summary: 'This pull request was not made by AgentOS, so there is nothing for it to account for.',
        text: '',
      },
    },
  ]
  const input: Unplaced = { kind: 'input', type: 'PullRequestSeen', v: 1, data: seen, by: 'github', at }
  return { events: [input, intending(effects, at)], effects }
}

function intending(effects: readonly Effect[], at: string): Unplaced {
  return decided('EffectsIntended', { effects: JSON.parse(JSON.stringify(effects)) }, at)
}

function decided(type: string, data: Unplaced['data'], at: string): Unplaced {
  return { kind: 'decision', type, v: 1, data, by: 'agentos', at }
}

/** What a command would do to a run, where its name alone does not say it. */
const ABOUT: ReadonlyMap<string, string> = new Map([
  ['status', 'tell of'],
  ['why', 'explain'],
])

function reply({ asks, help }: CommandSeen): { readonly rule: string; readonly text: string } {
  switch (asks.is) {
    case 'help':
      return { rule: 'help', text: help }
    case 'nothing-understood': {
      const meant = asks.suggestion === null ? '' : ` Did you mean ${inline(asks.suggestion)}?`
      return {
        rule: 'command',
        text: `**Not understood**: ${prose(asks.because)}.${meant} Nothing was started. All commands: \`/agentos help\``,
      }
    }
    case 'not-permitted':
      return {
        rule: 'authority',
        text: `**Refused**: ${prose(asks.because)} (rule \`authority\`). Nothing was started. Someone with that role can say it.`,
      }
    case 'no-run':
      return {
        rule: 'no-run',
        text: `**No run to ${ABOUT.get(asks.command) ?? asks.command}**: no run of AgentOS belongs to this number (rule \`no-run\`). Nothing was started. To begin one: \`/agentos plan\``,
      }
    case 'no-source':
      return {
        rule: 'pull-request',
        text: `**Refused**: ${prose(asks.because)} (rule \`pull-request\`). Nothing was started. Next: ${prose(asks.next)}.`,
      }
    case 'no-rollback':
      return {
        rule: 'rollback',
        text: `**Not rolled back**: ${prose(asks.because)} (rule \`rollback\`). Nothing was started. Next: ${prose(asks.next)}.`,
      }
    case 'broken-control-plane':
      return {
        rule: 'control-plane',
        text: `**Refused**: the control plane in \`.agentos/\` on the default branch is not valid (rule \`control-plane\`). Nothing was started. Mend it and say \`/agentos plan\` again:\n\n${fenced(asks.because)}`,
      }
  }
}
