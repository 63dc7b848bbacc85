import type { CommandRoleKey, Mode } from '../domain/control/policy.ts'
import type { Result } from '../domain/result.ts'

/** What a person asked for in one comment. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'status' }
  | { readonly name: 'prove' }
  | { readonly name: 'why'; readonly step: string | null }
  | { readonly name: 'stop'; readonly reason: string | null }
  | { readonly name: 'unlock'; readonly reason: string }
  | { readonly name: 'rollback'; readonly reason: string | null }
  | { readonly name: 'answer'; readonly answers: readonly Answer[] }
  | {
      readonly name: 'amend'
      readonly text: string | null
      /** The review whose comments are taken in: the newest that requests changes, where no id is given. */
      readonly review: { readonly id: string | null } | null
      /** New values for parameters of the run's recipe. */
      readonly params: ReadonlyMap<string, string>
    }
  | {
      readonly name: 'plan'
      readonly mode: Mode | null
      readonly recipe: RequestedRecipe | null
      /** The number of the pull request whose change is the draft. */
      readonly from: number | null
      /** The request in the person's own words; without them the title and body are the request. */
      readonly text: string | null
    }

export type Answer = {
  readonly id: string
  readonly value: { readonly is: 'default' } | { readonly is: 'text'; readonly text: string }
}

export type RequestedRecipe = { readonly name: string; readonly params: ReadonlyMap<string, string> }

/** What follows the verb: the rest of its line, and the lines below. */
export type Call = { readonly rest: string; readonly below: readonly string[] }

/** A slash command, with all that is said about it elsewhere: help, authorisation and refusals read it from here. */
export type SlashCommand = {
  readonly name: Command['name']
  readonly usage: string
  /** The key of the policy's `roles` that says who may use it. */
  readonly role: CommandRoleKey
  readonly summary: string
  readonly parse: (call: Call) => Result<Command, string>
}
