import { kindsAllowed, type Policy } from '../../domain/control/policy.ts'
import type { Examined } from '../../domain/packs/examined.ts'
import type { Edit, Entry } from '../../domain/patch/edit.ts'
import { judgeEdits } from '../../domain/patch/judge-edits.ts'
import { diffSha256 } from '../../domain/patch/raw-diff.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'
import { secretsInChange } from '../../domain/secrets/secrets-in-change.ts'
import type { RepositoryReader } from '../ports.ts'

/** A change as text for people, with the lines it adds and removes, and the paths whose bytes are no text to show. */
export type RenderedDiff = {
  readonly text: string
  readonly added: number
  readonly removed: number
  readonly unread: readonly string[]
}
export type RenderDiff = (edits: readonly Edit[], contentOf: (blob: string) => Uint8Array | undefined) => RenderedDiff

/** How a change is looked at: as text for people, and for what must not be in it. */
export type Lenses = { readonly render: RenderDiff; readonly filter: SecretFilter }

export type Change = {
  readonly edits: readonly Edit[]
  readonly base: readonly Entry[]
  /** Bytes by blob id that the base does not have. */
  readonly contents: ReadonlyMap<string, Uint8Array>
  readonly policy: Pick<Policy, 'limits' | 'symlinks' | 'submodules'>
}

const MAX_DIFF = 400_000
const MAX_FAULTS = 200

/** Looks at a change against its base: the text for people and every fault of hygiene that speaks against it. */
export async function examineChange(
  change: Change,
  reader: Pick<RepositoryReader, 'blobs'>,
  { render, filter }: Lenses,
): Promise<Examined> {
  const contents = new Map([...(await blobsBefore(change, reader)), ...change.contents])
  const { edits, base, policy } = change
  const rendered = render(edits, (blob) => contents.get(blob))
  const { brought, standing } = secretsInChange(edits, contents, filter)
  const faults = judgeEdits({ edits, base, contents, limits: policy.limits, allow: kindsAllowed(policy) })
  return {
    v: 1,
    diffSha256: diffSha256(edits),
    diff: filter.text(rendered.text.slice(0, MAX_DIFF).toWellFormed()).slice(0, MAX_DIFF),
    added: rendered.added,
    removed: rendered.removed,
    unread: [...rendered.unread],
    faults: faults
      .slice(0, MAX_FAULTS)
      .map(({ rule, path, because }) => ({ rule, path, because: because.toWellFormed() })),
    secrets: brought,
    ...(standing.length === 0 ? {} : { standing }),
  }
}

/** What the edits say stood there before, as far as the base really has it; the rest becomes a fault. */
function blobsBefore(
  { edits, base }: Change,
  reader: Pick<RepositoryReader, 'blobs'>,
): ReturnType<RepositoryReader['blobs']> {
  const paths = new Map(base.map((entry) => [entry.path, entry]))
  const ids = edits.flatMap(({ path, before }) => {
    const entry = paths.get(path)
    return before === null || before.mode === '160000' || entry?.blob !== before.blob ? [] : [before.blob]
  })
  return reader.blobs([...new Set(ids)])
}
