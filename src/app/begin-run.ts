import type { ObjectId } from '../domain/hash.ts'
import { toRunId } from '../domain/ids.ts'
import type { NewBlob } from '../domain/packs/documents.ts'
import type { Person, Words } from '../domain/packs/people.ts'
import type { EventData, RunInput } from '../domain/run/events.ts'
import type { ControlPlane } from './control-plane.ts'
import { type Intake, wordsBlob } from './intake-parts.ts'
import type { Expectation } from './ledger.ts'
import type { Arrival } from './ports.ts'

type Requested = EventData<'RequestReceived'>

export type Begin = Pick<Requested, 'issue' | 'mode' | 'planner'> & {
  readonly person: Person
  readonly words: Omit<Words, 'login'>
  /** The head of the default branch, and the control plane that it has. */
  readonly sha: ObjectId
  readonly control: ControlPlane
  readonly blobs: readonly NewBlob[]
  readonly deliveryId: string
  /** What else the request rests on: where that has moved since, no run begins. */
  readonly upon?: Expectation
}

/** Records a request that somebody made in a comment: a new run begins. False where it did not, as what it rests on moved or the comment came twice. */
export async function beginRun(
  intake: Intake,
  { repository, comment }: Extract<Arrival, { is: 'comment' }>,
  { person, sha, control, blobs, deliveryId, words: said, issue, mode, planner, upon }: Begin,
): Promise<boolean> {
  const run = toRunId(intake.random(10))
  const words = wordsBlob(intake, { login: comment.author.login, ...said })
  const input: RunInput = {
    type: 'RequestReceived',
    by: `github:${person.id}`,
    at: intake.clock.now(),
    data: {
      run,
      venue: 'github',
      via: { is: 'comment', commentId: comment.id },
      instance: intake.instance,
      site: intake.site,
      repository,
      issue,
      requester: person,
      words: words.sha256,
      quotes: 'salted',
      mode,
      planner,
      base: { ref: `refs/heads/${repository.defaultBranch}`, sha },
      manifest: control.hash,
      engine: intake.engine,
    },
  }
  const make = () => ({ input, blobs: [words, control.document, ...blobs] })
  const resting = upon === undefined ? {} : { upon }
  const recorded = await intake.journal.record({
    run,
    repository: repository.id,
    consumes: deliveryId,
    make,
    ...resting,
  })
  return recorded !== null
}
