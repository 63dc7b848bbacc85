import { tokenize } from '../../domain/control/tokenize.ts'
import { indexOfBytes, isBinary, replaceBytes } from '../../domain/packs/byte-search.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import type { PathClaim } from '../../domain/packs/fabrication-facts.ts'
import { toUtf8 } from '../../domain/patch/bytes.ts'
import { type FileMode, TreePath } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { ModelReply, ProposedEdit, ProposedQuestion } from './model-planner.ts'
import type { Scene } from './scene.ts'
import { type Sketch, toWritten, type Written } from './sketch.ts'
import { repositoryTests } from './verification.ts'

/** The parts of a sketch that a model's reply settles. */
export type ReplySketch = Pick<Sketch, 'written' | 'claims' | 'verify' | 'noVerify' | 'reads' | 'evidence'>

/** Turns a reply into exact files, or says what in it cannot be followed; a path that is not there stays a claim. */
export async function readReply(scene: Scene, reply: ModelReply): Promise<Result<ReplySketch, string>> {
  if (reply.edits.length === 0) return refuse('the reply has neither edits nor questions')
  const verify = verifyOf(scene, reply)
  if (!verify.ok) return verify
  const files = await readFiles(scene, reply.edits)
  const written = new Map<string, Written>()
  const claims: PathClaim[] = []
  for (const edit of reply.edits) {
    const claim = claimOf(edit, written)
    if (claim !== undefined) claims.push(claim)
    const fault = layEdit({ scene, files, written }, edit)
    if (fault !== undefined) return refuse(`${edit.path.slice(0, 200)}: ${fault}`)
  }
  const cited = reply.evidence.filter((path) => scene.entries.has(path))
  const evidence = reply.evidence.map((path) => reference(scene, path))
  const tests = verify.value.evidence
  return ok({
    written,
    claims,
    verify: verify.value.verify,
    noVerify: verify.value.noVerify,
    reads: cited.filter((path) => !written.has(path)),
    evidence: [...new Set([...evidence, ...tests])],
  })
}

type Files = {
  readonly scene: Scene
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly written: Map<string, Written>
}

async function readFiles(scene: Scene, edits: ModelReply['edits']): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = edits.flatMap(({ path }) => scene.entries.get(path) ?? []).filter(({ mode }) => mode !== '160000')
  const blobs = await scene.reader.blobs([...new Set(entries.map(({ blob }) => blob))])
  return new Map(
    entries.flatMap(({ path, blob }) => [blobs.get(blob)].flatMap((bytes) => (bytes ? [[path, bytes]] : []))),
  )
}

/** A path that the reply itself wrote before is no claim about the base. */
function claimOf({ is, path }: ProposedEdit, written: Files['written']): PathClaim | undefined {
  if (written.has(path)) return undefined
  return { path, claims: is === 'create' ? 'is-new' : 'exists' }
}

/** Why an edit cannot be followed; an edit of a file that is not there is left to red line 3. */
function layEdit({ scene, files, written }: Files, edit: ProposedEdit): string | undefined {
  const { path } = edit
  const mode = scene.entries.get(path)?.mode ?? '100644'
  const fault = placeFault(path, mode) ?? orderFault(edit, written.get(path))
  if (fault !== undefined) return fault
  const before = bytesBefore({ files, written }, edit)
  if (before === undefined) return undefined
  const after = bytesAfter(edit, before)
  if (typeof after === 'string') return after
  written.set(path, after === null ? null : toWritten(mode, after))
  return undefined
}

function bytesBefore({ files, written }: Pick<Files, 'files' | 'written'>, edit: ProposedEdit): Uint8Array | undefined {
  return edit.is === 'create' ? new Uint8Array() : (written.get(edit.path)?.bytes ?? files.get(edit.path))
}

function placeFault(path: string, mode: FileMode): string | undefined {
  if (!TreePath.safeParse(path).success) return 'is not a path inside the repository'
  return mode === '100644' || mode === '100755' ? undefined : 'is a link or submodule'
}

function orderFault({ is }: ProposedEdit, earlier: Written | undefined): string | undefined {
  if (earlier === undefined) return undefined
  if (is === 'create') return 'is created after it was edited'
  return earlier === null ? 'is edited after it was deleted' : undefined
}

/** What the edit makes of a file, null when it is gone; a text says why it cannot be made. */
function bytesAfter(edit: ProposedEdit, before: Uint8Array): Uint8Array | null | string {
  switch (edit.is) {
    case 'create':
    case 'rewrite':
      return toUtf8(edit.content)
    case 'replace':
      return replaceOnce(before, toUtf8(edit.search), toUtf8(edit.replace))
    case 'delete':
      return null
  }
}

function replaceOnce(bytes: Uint8Array, search: Uint8Array, replacement: Uint8Array): Uint8Array | string {
  if (isBinary(bytes)) return 'is binary'
  if (search.length === 0) return 'the text to search for is empty'
  const first = indexOfBytes(bytes, search, 0)
  if (first === -1) return 'the text to search for is not in the file'
  if (indexOfBytes(bytes, search, first + 1) !== -1) return 'the text to search for is in the file more than once'
  return replaceBytes(bytes, search, replacement) ?? bytes
}

/** The repository's own tests always run; a model may add checks and say which criteria they show. */
function verifyOf(scene: Scene, reply: ModelReply): Result<Pick<Sketch, 'verify' | 'noVerify' | 'evidence'>, string> {
  const tests = repositoryTests(scene.memory)
  const own: { readonly argv: readonly string[]; readonly criteria: readonly string[] }[] = []
  const known = new Set(scene.intent.criteria.map(({ id }) => id))
  for (const { command, criteria } of reply.verify) {
    const words = tokenize(command)
    if (!words.ok) return refuse(`a command to verify with ${words.refusal}`)
    if (criteria.some((id) => !known.has(id)))
      return refuse('a command to verify with names a criterion that there is not')
    own.push({ argv: words.value, criteria })
  }
  const isNamed = (argv: readonly string[]) => own.some((step) => step.argv.join('\0') === argv.join('\0'))
  const verify = [...own, ...tests.verify.filter(({ argv }) => !isNamed(argv))]
  return ok({ verify, noVerify: verify.length === 0 ? tests.noVerify : null, evidence: tests.evidence })
}

/** Evidence that is not a file of the base keeps its words, so that it does not resolve. */
function reference({ entries }: Scene, path: string): string {
  const entry = entries.get(path)
  return (entry === undefined ? path : `${path}@${entry.blob}`).slice(0, 500).toWellFormed()
}

export function toAsk(scene: Scene, question: ProposedQuestion): Ask {
  return {
    type: question.type,
    about: question.topic.toWellFormed(),
    text: question.text.trim() === '' ? 'The model asked without saying what.' : question.text.toWellFormed(),
    impact: question.impact.toWellFormed(),
    answer: question.answer === 'choice' && question.choices.length === 0 ? 'text' : question.answer,
    choices: question.choices.map((choice) => choice.toWellFormed()),
    default: question.default?.toWellFormed() ?? null,
    evidence: question.evidence.filter((path) => scene.entries.has(path)).map((path) => reference(scene, path)),
    who: 'anyone-with-role',
  }
}
