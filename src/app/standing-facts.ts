import type { RepositoryRef } from '../domain/effects.ts'
import { isPlainPath, type PathFound, valueOf } from '../domain/packs/answer.ts'
import type { Documents } from '../domain/packs/documents.ts'
import { readDocument } from '../domain/packs/documents.ts'
import { type Question, QuestionPack } from '../domain/packs/question-pack.ts'
import type { EventData } from '../domain/run/events.ts'
import type { RunState } from '../domain/run/state.ts'
import { controlPlaneAt } from './control-plane.ts'
import type { Intake } from './intake-parts.ts'
import type { RepositoryReader } from './ports.ts'

/** Whether AgentOS is switched on at this moment, by the control plane on the default branch. */
export async function switchedNow(
  intake: Intake,
  repository: RepositoryRef,
): Promise<EventData<'AnswerGiven'>['switched']> {
  const sha = await intake.github.branchHead(repository, repository.defaultBranch)
  const control = await controlPlaneAt(intake.control, intake.github.reader(repository), sha)
  if (!control.ok) return 'unreadable'
  return control.value.manifest.policy.enabled ? 'on' : 'off'
}

type Open = { readonly state: RunState; readonly documents: Documents }
type Given = Readonly<Record<string, string>>

/** What stands at the base at each path that a reply gives; what is no path of a tree is looked up nowhere. */
export async function pathsAnswered(
  reader: RepositoryReader,
  open: Open,
  given: Given,
): Promise<EventData<'AnswerGiven'>['paths']> {
  const wanted = openQuestions(open).flatMap((question) => {
    const value = given[question.id]
    const path = question.answer !== 'path' || value === undefined ? '' : valueOf(question, value)
    return path !== '' && isPlainPath(path) ? [path] : []
  })
  const base = open.state.request?.base.sha
  if (wanted.length === 0 || base === undefined) return []
  const entries = await reader.entries(base)
  return fitting([...new Set(wanted)]).map((path): PathFound => ({ path, kind: kindOf(entries, path) }))
}

const MAX_PATHS = 50
const MAX_PATH_BYTES = 10_000

/** What an event says of a path beside its name. */
const FOUND_BYTES = 40

/** As many paths as an event has room for; of the others it is said that nobody looked. */
function fitting(paths: readonly string[]): readonly string[] {
  let left = MAX_PATH_BYTES
  return paths.slice(0, MAX_PATHS).filter((path) => {
    left -= new TextEncoder().encode(JSON.stringify(path)).length + FOUND_BYTES
    return left >= 0
  })
}

type Listed = Awaited<ReturnType<RepositoryReader['entries']>>

function kindOf(entries: Listed, path: string): PathFound['kind'] {
  const entry = entries.find((one) => one.path === path)
  if (entry === undefined) return entries.some((one) => one.path.startsWith(`${path}/`)) ? 'folder' : null
  if (entry.mode === '120000') return 'link'
  return entry.mode === '160000' ? 'submodule' : 'file'
}

/** The open questions for code owners whose evidence this person owns. Members of a team are not told apart. */
export async function questionsOwned(
  intake: Intake,
  repository: RepositoryRef,
  { open, login }: { readonly open: Open; readonly login: string },
): Promise<string[]> {
  const reserved = openQuestions(open).filter(({ who }) => who === 'code-owners')
  const base = open.state.request?.base.sha
  if (base === undefined) return []
  const owned: string[] = []
  for (const question of reserved) {
    const owners = await intake.github.owners(repository, base, pathsIn(question))
    if (owners.some((owner) => owner.toLowerCase() === login.toLowerCase())) owned.push(question.id)
  }
  return owned
}

function pathsIn({ evidence }: Question): readonly string[] {
  return evidence.flatMap((ref) => /^(.+)@[0-9a-f]{40}$/su.exec(ref)?.[1] ?? [])
}

function openQuestions({ state, documents }: Open): readonly Question[] {
  const { open } = state
  if (open === null) return []
  const { questions } = readDocument(documents, open.pack, QuestionPack)
  return questions.filter(({ id }) => open.ids === null || open.ids.includes(id))
}
