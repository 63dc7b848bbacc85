import type { ObjectId, Sha256 } from '../../domain/hash.ts'
import type { NewBlob } from '../../domain/packs/documents.ts'
import type { Entry, FileState } from '../../domain/patch/edit.ts'
import type { Result } from '../../domain/result.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import type { Clock, OpenEnvelope, Signer } from '../ports.ts'
import type { Sandbox } from '../sandbox.ts'
import type { ClaimAnswer, ClaimRequest, DeliveryReport, DeskError, StepReport } from './protocol.ts'

export type DeskRefusal = DeskError['error']

/** The controller as a job sees it. A refusal is its answer; it throws when there is none after all retries. */
export type Desk = {
  claim(request: ClaimRequest): Promise<Result<ClaimAnswer, DeskRefusal>>
  step(report: StepReport): Promise<Result<null, DeskRefusal>>
  deliver(report: DeliveryReport): Promise<Result<null, DeskRefusal>>
}

/** The controller's bytes, by their SHA-256. */
export type Blobs = {
  get(sha256: Sha256): Promise<Result<Uint8Array, DeskRefusal>>
  put(blob: NewBlob): Promise<Result<null, DeskRefusal>>
}

/** The base commit's files, with what git says its tree is. */
export type BaseCheckout = {
  readonly tree: ObjectId
  readonly entries: readonly Entry[]
  read(blobs: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Uint8Array>>
  /** Makes the folder and writes every file as its blob says, without git's conversions; of a submodule nothing. */
  exportTo(folder: string): Promise<void>
}

/** Fetches exactly one commit. Throws CheckoutFailed when it cannot. */
export type Checkout = (commit: ObjectId) => Promise<BaseCheckout>

/** The base commit cannot be had. The message is safe to show. */
export class CheckoutFailed extends Error {
  override readonly name = 'CheckoutFailed'
}

export type ListedFile = { readonly path: string } & FileState
export type Listing =
  | { readonly is: 'snapshot'; readonly entries: readonly ListedFile[] }
  | { readonly is: 'refused'; readonly path: string; readonly because: string }

/** What may be put at a path of a checkout; a link's bytes are its target, and a submodule is an empty folder. */
export type PlacedFile =
  | { readonly mode: '100644' | '100755' | '120000'; readonly bytes: Uint8Array }
  | { readonly mode: '160000' }

/** Folders on the runner's disk. Nothing here follows a link or obeys git's configuration. */
export type Workplace = {
  /** A new folder; the sandboxed user may pass through it. */
  folder(): string
  copy(
    from: string,
    to: string,
  ): { readonly is: 'copied' } | { readonly is: 'refused'; readonly path: string; readonly because: string }
  /** All files below, except what is named `.git`, which no copy takes along either. */
  list(root: string): Listing
  read(root: string, path: string): { readonly mode: FileState['mode']; readonly bytes: Uint8Array } | null
  /** Puts a file where a file, a link, an empty folder or nothing is, or takes it away; says why it cannot. */
  write(root: string, path: string, file: PlacedFile | null): string | null
  discard(folder: string): void
}

/** Which of these paths git ignores, by the given `.gitignore` files and nothing else. */
export type IgnoreRules = (
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  paths: readonly string[],
) => Promise<ReadonlySet<string>>

export type JobPorts = {
  readonly desk: Desk
  readonly blobs: Blobs
  readonly checkout: Checkout
  readonly workplace: Workplace
  readonly ignored: IgnoreRules
  /** The sandbox that shows these read-only folders beside the system's own. */
  readonly sandbox: (toolchain: readonly string[]) => Sandbox
  readonly signer: Signer
  readonly open: OpenEnvelope
  readonly clock: Clock
  /** Cleans what leaves the job: the only place that knows the values which this job was given. */
  readonly filter: SecretFilter
}
