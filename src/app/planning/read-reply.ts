import { judgeCommand } from '../../domain/control/allowlist.ts'
import { tokenize } from '../../domain/control/tokenize.ts'
import { commandFactsOf } from '../../domain/packs/command-facts.ts'
import { cutText } from '../../domain/packs/cut-text.ts'
import type { Ask } from '../../domain/packs/draft-questions.ts'
import { nearPaths } from '../../domain/packs/near-paths.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Laid, layEdits } from './lay-edits.ts'
import type { ModelReply, ProposedQuestion } from './model-reply.ts'
import { askCheckouts } from './planned-checkout.ts'
import type { Scene } from './scene.ts'
import type { Sketch } from './sketch.ts'

/** The parts of a sketch that a model's reply settles. */
export type ReplySketch = Laid & Pick<Sketch, 'runs' | 'verify' | 'checks' | 'noVerify' | 'reads' | 'evidence'>

/** `doubt` is what red line 3 is going to refuse: the model may mend it first. */
export type ReadReply = { readonly sketch: ReplySketch; readonly doubt: string | null }

/** Turns a reply into exact files and commands, or says what in it cannot be followed. */
export async function readReply(scene: Scene, reply: ModelReply): Promise<Result<ReadReply, string>> {
  if (reply.edits.length + reply.run.length === 0)
    return refuse('the reply has neither edits nor commands nor questions, and looks at nothing')
  if ([...reply.reads, ...reply.evidence].some((path) => path.length > MAX_PATH))
    return refuse('it names a path that is too long')
  const runs = runsOf(reply)
  if (!runs.ok) return runs
  const verify = verifyOf(scene, reply)
  if (!verify.ok) return verify
  const laid = await layEdits(scene, reply.edits)
  if (!laid.ok) return laid
  const cited = reply.evidence.filter((path) => scene.entries.has(path))
  const reads = [...new Set([...reply.reads, ...cited])].filter((path) => !laid.value.written.has(path))
  const evidence = reply.evidence.map((path) => reference(scene, path))
  const sketch: ReplySketch = {
    ...laid.value,
    runs: runs.value,
    verify: verify.value,
    checks: 'with-repository',
    noVerify: null,
    reads,
    evidence: [...new Set(evidence)],
  }
  return ok({ sketch, doubt: await doubtIn(scene, sketch, reply) })
}

function runsOf({ run }: ModelReply): Result<ReplySketch['runs'], string> {
  const runs: ReplySketch['runs'][number][] = []
  for (const { command, outputs } of run) {
    const words = wordsOf(command)
    if (!words.ok) return refuse(`a command to run ${words.refusal}`)
    if (outputs.length > MAX_OUTPUTS || outputs.some((output) => output.length > MAX_OUTPUT))
      return refuse('a command to run has outputs that are too many or too long')
    if (outputs.length === 0) return refuse('a command to run names no output; what only checks belongs to `verify`')
    runs.push({ argv: words.value, outputs })
  }
  return ok(runs)
}

const MAX_PATH = 4096
const MAX_COMMAND = 65_536
const MAX_WORDS = 256
const MAX_OUTPUTS = 200
const MAX_OUTPUT = 1024

function wordsOf(command: string): Result<readonly string[], string> {
  if (command.length > MAX_COMMAND) return refuse('is too long')
  const words = tokenize(command)
  if (!words.ok) return words
  const isLong = words.value.length > MAX_WORDS || words.value.some((word) => word.length > MAX_PATH)
  return isLong ? refuse('is too long') : words
}

/** The repository's own checks are added to these; a model says which criteria its own ones show. */
function verifyOf(scene: Scene, reply: ModelReply): Result<ReplySketch['verify'], string> {
  const own: ReplySketch['verify'][number][] = []
  const known = new Set<string>(scene.intent.criteria.map(({ id }) => id))
  for (const { command, criteria } of reply.verify) {
    const words = wordsOf(command)
    if (!words.ok) return refuse(`a command to verify with ${words.refusal}`)
    if (criteria.some((id) => !known.has(id)))
      return refuse('a command to verify with names a criterion that there is not')
    own.push({ argv: words.value, criteria: [...new Set(criteria)] })
  }
  return ok(own)
}

/** Evidence that is not a file of the base keeps its words, so that it does not resolve. */
function reference({ entries }: Scene, path: string): string {
  const entry = entries.get(path)
  return (entry === undefined ? path : `${path}@${entry.blob}`).slice(0, 500).toWellFormed()
}

async function doubtIn(scene: Scene, sketch: ReplySketch, reply: ModelReply): Promise<string | null> {
  return doubtfulPath(scene, sketch, reply) ?? (await doubtfulCommand(scene, sketch))
}

function doubtfulPath({ entries }: Scene, { claims, reads }: ReplySketch, { evidence }: ModelReply): string | null {
  const absent = [
    ...claims.filter((one) => one.claims === 'exists').map(({ path }) => path),
    ...reads,
    ...evidence,
  ].find((path) => !entries.has(path))
  if (absent !== undefined) {
    const near = nearPaths(absent, entries.keys())
    const hint = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`
    return `${cutText(absent, 200)} does not exist in the repository${hint}`
  }
  const taken = claims.find((one) => one.claims === 'is-new' && entries.has(one.path))
  return taken === undefined ? null : `${cutText(taken.path, 200)} already exists in the repository`
}

function doubtfulCommand(scene: Scene, { runs, verify, written }: ReplySketch): Promise<string | null> {
  return askCheckouts(scene, written, ({ after }) => {
    for (const { argv } of [...runs, ...verify]) {
      const verdict = judgeCommand({ argv, env: {}, cwd: '.' }, scene.manifest.policy, commandFactsOf(after))
      if (verdict.decision === 'deny') return `${cutText(argv.join(' '), 200)}: ${verdict.reasons.join('; ')}`
    }
    return null
  })
}

/** What a model offers beside a question that is no choice are answers that would do. */
export function toAsk(scene: Scene, question: ProposedQuestion): Ask {
  const offered = question.choices.map((choice) => choice.toWellFormed())
  const isChoice = question.answer === 'choice' && offered.length > 0
  return {
    type: question.type,
    about: question.topic.toWellFormed(),
    text: question.text.trim() === '' ? 'The model asked without saying what.' : question.text.toWellFormed(),
    impact: question.impact.toWellFormed(),
    answer: question.answer === 'choice' && !isChoice ? 'text' : question.answer,
    choices: isChoice ? offered : [],
    suggestions: isChoice ? [] : offered,
    default: question.default?.toWellFormed() ?? null,
    evidence: question.evidence.map((path) => reference(scene, path)),
    who: 'anyone-with-role',
  }
}
