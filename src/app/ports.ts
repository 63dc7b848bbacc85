import type { Envelope } from '../domain/dsse.ts'
import type { EffectBody, EffectKind, EffectResult, RepositoryRef } from '../domain/effects.ts'
import type { ObjectId, Sha256 } from '../domain/hash.ts'
import type { EffectKey, Instant, RunId, StreamName } from '../domain/ids.ts'
import type { Documents, NewBlob, Secret } from '../domain/packs/documents.ts'
import type { HeldRole } from '../domain/packs/people.ts'
import type { FileMode } from '../domain/patch/edit.ts'

/** The only source of time; its readings enter the log with the input they belong to. */
export type Clock = { now(): Instant }

/** The only source of randomness. */
export type Random = (bytes: number) => Uint8Array

/** An Ed25519 key that signs DSSE envelopes. `keyid` is the SHA-256 of the 32 raw bytes of the public key, also in base64. */
export type Signer = {
  readonly keyid: Sha256
  readonly publicKey: string
  sign(payload: Uint8Array): Envelope
}

/** The payload of an envelope whose one signature is valid under `publicKey` (base64, 32 raw bytes); undefined otherwise. */
export type OpenEnvelope = (envelope: Envelope, publicKey: string) => Uint8Array | undefined

/** One file of a commit. */
export type TreeEntry = {
  readonly path: string
  readonly mode: FileMode
  readonly blob: ObjectId
  readonly size: number
}

/** Read access to one repository's objects. Throws when the repository cannot be read; never answers half. */
export type RepositoryReader = {
  treeOf(commit: ObjectId): Promise<ObjectId>
  entries(commit: ObjectId): Promise<readonly TreeEntry[]>
  blobs(ids: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Uint8Array>>
}

/** What a performer is told beside the effect's body. */
export type Intended<K extends EffectKind> = {
  readonly key: EffectKey
  readonly stream: StreamName
  readonly run: RunId | null
  readonly repository: RepositoryRef
  readonly body: EffectBody<K>
  /** Position and hash of the event that intends this effect, for the `AgentOS-Ledger` trailer. */
  readonly event: { readonly seq: number; readonly hash: Sha256 }
  /** 1 at first; above 1 an earlier try may have succeeded unseen, so its trace is looked for before anything is done. */
  readonly attempt: number
  readonly documents: Documents
  /** What the salts of documents that may quote people follow from. Throws outside of runs: a desk keeps none. */
  readonly secret: () => Secret
}

export type Performed<K extends EffectKind> = { readonly result: EffectResult<K>; readonly blobs: readonly NewBlob[] }
export type Performer<K extends EffectKind> = (intended: Intended<K>) => Promise<Performed<K>>

/** Every kind of effect has a performer; timers are fired by the queue itself. */
export type Performers = { readonly [K in Exclude<EffectKind, 'timer'>]: Performer<K> }

/** The outside answered that trying again may help, at the earliest after `afterMs`. */
export class TryLater extends Error {
  override readonly name = 'TryLater'
  readonly afterMs: number
  constructor(what: string, afterMs: number, cause?: unknown) {
    super(what, { cause })
    this.afterMs = afterMs
  }
}

/** The outside said no for good: trying again cannot help. The message is safe to show to people. */
export class WillNotWork extends Error {
  override readonly name = 'WillNotWork'
}

/** A person as a webhook names them. The role is asked separately, at the moment of use. */
export type Actor = { readonly id: string; readonly login: string; readonly kind: 'User' | 'Bot' | 'Organization' }

/** A webhook, parsed and stripped to what AgentOS uses. */
export type Arrival =
  | {
      readonly is: 'comment'
      readonly repository: RepositoryRef
      readonly number: number
      readonly onPullRequest: boolean
      readonly issue: { readonly title: string; readonly body: string; readonly labels: readonly string[] }
      readonly comment: { readonly id: string; readonly body: string; readonly author: Actor }
    }
  | {
      readonly is: 'comment-changed'
      readonly repository: RepositoryRef
      readonly number: number
      readonly what: 'edited' | 'deleted'
      readonly comment: { readonly id: string; readonly author: Actor }
      readonly sender: Actor
    }
  | {
      readonly is: 'review'
      readonly repository: RepositoryRef
      readonly number: number
      readonly review: {
        readonly id: string
        readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed'
        readonly commit: ObjectId | null
        readonly body: string
        readonly author: Actor
      }
      readonly sender: Actor
    }
  | {
      readonly is: 'push'
      readonly repository: RepositoryRef
      readonly branch: string
      readonly after: ObjectId | null
      readonly sender: Actor
    }
  | {
      readonly is: 'pull-request-closed'
      readonly repository: RepositoryRef
      readonly number: number
      readonly mergeCommit: ObjectId | null
      readonly sender: Actor
    }
  | {
      readonly is: 'pull-request-opened'
      readonly repository: RepositoryRef
      readonly number: number
      readonly head: ObjectId
      readonly headBranch: string
      readonly sender: Actor
    }
  | { readonly is: 'ignored'; readonly because: string }

/** A pull request as GitHub shows it at this moment. */
export type PullRequestNow = {
  readonly state: 'open' | 'closed' | 'merged'
  readonly title: string
  readonly body: string
  /** Null where the account is gone. */
  readonly author: Actor | null
  readonly head: ObjectId
  readonly baseBranch: string
  readonly isFork: boolean
}

/** A submitted review as GitHub shows it, with the comments on lines that its author made in it. */
export type ReviewRead = {
  readonly id: string
  readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed'
  readonly commit: ObjectId | null
  readonly author: Actor | null
  readonly comments: readonly { readonly path: string; readonly line: number | null; readonly body: string }[]
}

/** What the intake asks GitHub at the moment of use. */
export type GithubDesk = {
  /**
   * `role_name` from the collaborator permission endpoint; a custom role counts by its `permission`; an App's bot has none,
   * nor has a login that has passed to somebody with another id.
   */
  role(repository: RepositoryRef, person: Pick<Actor, 'id' | 'login'>): Promise<HeldRole>
  /** The commit that a branch points to. */
  branchHead(repository: RepositoryRef, branch: string): Promise<ObjectId>
  reader(repository: RepositoryRef): RepositoryReader
  /** Null where there is no pull request of that number. */
  pullRequest(repository: RepositoryRef, number: number): Promise<PullRequestNow | null>
  /** The newest commit that two commits have in common; null where they have none. */
  mergeBase(repository: RepositoryRef, one: ObjectId, other: ObjectId): Promise<ObjectId | null>
  /** The full message of a commit and the diff hash against its first parent. */
  commit(
    repository: RepositoryRef,
    sha: ObjectId,
  ): Promise<{ readonly message: string; readonly diffSha256: Sha256 | null }>
  /** A commit's message and its parents, without reading any tree. */
  commitAt(
    repository: RepositoryRef,
    sha: ObjectId,
  ): Promise<{ readonly message: string; readonly parents: readonly ObjectId[] }>
  /** Logins, and teams as `organisation/team`, that CODEOWNERS at a commit names for any of the paths. */
  owners(repository: RepositoryRef, commit: ObjectId, paths: readonly string[]): Promise<readonly string[]>
  /** A review with what it says beside the lines: the one named, or the newest that requests changes on the commit. */
  review(
    repository: RepositoryRef,
    number: number,
    wanted: { readonly id: string | null; readonly commit: ObjectId },
  ): Promise<ReviewRead | null>
  /** The numeric user id of the App's own bot. */
  ownId(): Promise<string>
}
