import type { RepositoryRef } from '../../domain/effects.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { RunId } from '../../domain/ids.ts'
import { type NewBlob, readDocument, toDocument } from '../../domain/packs/documents.ts'
import { Landed, type Stands } from '../../domain/packs/landed.ts'
import type { Intake } from '../intake-parts.ts'

type Merged = { readonly repository: RepositoryRef; readonly run: RunId; readonly commit: ObjectId }

/** What stands after the merge of a rollback at each path that it was to bring back; null where the run is none. */
export async function standsAfter(intake: Intake, { repository, run, commit }: Merged): Promise<NewBlob | null> {
  const { state, documents } = await intake.journal.load(run)
  const planner = state.request?.planner
  if (planner?.is !== 'rollback') return null
  const { edits } = readDocument(documents, planner.landed, Landed)
  const entries = await intake.github.reader(repository).entries(commit)
  const now = new Map(entries.map(({ path, mode, blob }) => [path, { mode, blob }]))
  const stands: Stands = { v: 1, commit, paths: edits.map(({ path }) => ({ path, state: now.get(path) ?? null })) }
  return toDocument(stands)
}
