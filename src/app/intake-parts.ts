import { type DeskState, emptyDesk, evolveDesk } from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { type RunId, type StreamName } from '../domain/ids.ts'
import { type NewBlob, SALT_BYTES, toWords } from '../domain/packs/documents.ts'
import { type Person, type Words } from '../domain/packs/people.ts'
import { type ControlSource } from './control-plane.ts'
import type { EffectQueue, Ledger } from './ledger.ts'
import type { Actor, Clock, GithubDesk, Random } from './ports.ts'
import type { Journal } from './recording.ts'

/** Everything that taking in a webhook needs. */
export type Intake = {
  readonly ledger: Ledger
  readonly queue: EffectQueue
  readonly journal: Journal
  readonly github: GithubDesk
  readonly control: ControlSource
  readonly clock: Clock
  readonly random: Random
  readonly instance: string
  /** Where people see what the desk speaks of. */
  readonly site: string
  readonly engine: { readonly version: string; readonly digest: string }
}

/** `later`: what arrived may be the echo of an effect that is under way, and is judged after that effect's receipt. */
export type Taken = 'done' | 'nothing' | 'later'

export async function deskOf(intake: Intake, repository: RepositoryRef) {
  const stream: StreamName = `desk/${repository.id}`
  const events = await intake.ledger.read(stream)
  return { stream, events, state: events.reduce<DeskState>(evolveDesk, emptyDesk) }
}

export async function personOf(intake: Intake, repository: RepositoryRef, actor: Actor): Promise<Person> {
  const role = actor.kind === 'User' ? await intake.github.role(repository, actor) : 'none'
  return { id: actor.id, kind: actor.kind, role }
}

export function wordsBlob(intake: Intake, said: Partial<Words> & Pick<Words, 'login' | 'text' | 'params'>): NewBlob {
  const { login, title = '', body = '', text, params, labels = [] } = said
  const full: Words = { login, title: title.slice(0, 1024), body, text, params, labels: [...labels] }
  return toWords(JSON.parse(JSON.stringify(full).toWellFormed()), intake.random(SALT_BYTES))
}

export function runInBranch(branch: string): RunId | undefined {
  return /^agentos\/(?:.*-)?([0-9a-hjkmnp-tv-z]{10})$/.exec(branch)?.[1]
}
