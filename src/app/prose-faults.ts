import type { ControlRefusal } from '../domain/control/refusal.ts'
import type { ObjectId } from '../domain/hash.ts'
import { readNotes } from '../domain/packs/memory.ts'
import { isMemoryNote } from '../domain/packs/memory-files.ts'
import { instructionsFor, type Prompts } from './planning/prompts.ts'
import type { RepositoryReader, TreeEntry } from './ports.ts'

const MEMORY = '.agentos/memory/'
const PROMPTS = '.agentos/prompts/'

/** Before any note expires: that a note has served its time is no fault of it. */
const BEGINNING = '0000-01-01T00:00:00.000Z'

/**
 * What is wrong with the prose of a control plane: notes that no run would be told, and prompts that no model would be
 * given. Prose governs nothing, so a run goes on without a faulty note; here people learn of it.
 */
export async function proseFaults(
  reader: RepositoryReader,
  commit: ObjectId,
  shipped: Prompts,
): Promise<readonly ControlRefusal[]> {
  const entries = await reader.entries(commit)
  const notes = entries.filter(({ path }) => path.startsWith(MEMORY))
  const prompts = entries.filter(({ path }) => path.startsWith(PROMPTS))
  return [...(await noteFaults(reader, notes)), ...(await promptFaults(reader, prompts, shipped))]
}

async function noteFaults(reader: RepositoryReader, entries: readonly TreeEntry[]): Promise<readonly ControlRefusal[]> {
  const [notes, others] = [entries.filter(isNote), entries.filter((entry) => !isNote(entry))]
  const blobs = await reader.blobs([...new Set(notes.map(({ blob }) => blob))])
  const { leftOut } = readNotes(notes, (blob) => blobs.get(blob), BEGINNING)
  return [
    ...leftOut.map(({ name, because }) => ({ file: name, key: '', reason: because })),
    ...others.map(({ path }) => ({
      file: path,
      key: '',
      reason: `is no note: those are plain files ${MEMORY}NAME.md`,
    })),
  ]
}

function isNote({ path, mode }: TreeEntry): boolean {
  return isMemoryNote(path) && (mode === '100644' || mode === '100755')
}

async function promptFaults(
  reader: RepositoryReader,
  entries: readonly TreeEntry[],
  shipped: Prompts,
): Promise<readonly ControlRefusal[]> {
  const own = `.agentos/${shipped.plan.file}`
  const odd = entries.filter(({ path }) => path !== own)
  const read = await instructionsFor({ reader, entries: new Map(entries.map((entry) => [entry.path, entry])) }, shipped)
  return [
    ...odd.map(({ path }) => ({
      file: path,
      key: '',
      reason: `is read by nobody: the one prompt of a repository is ${own}`,
    })),
    ...(read.ok ? [] : [{ file: own, key: '', reason: read.refusal.replace(`${own} `, '') }]),
  ]
}
