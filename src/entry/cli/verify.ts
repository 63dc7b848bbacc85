import type { LocalRepository } from '../../adapters/git/local-repository.ts'
import { openBundle, type Trust } from '../../app/evidence/open-bundle.ts'
import { type Approved, approvedIn } from '../../app/evidence/review-record.ts'
import { erasureLines } from '../../app/privacy/erased.ts'
import { type Verified, verifyEvidence } from '../../app/verify.ts'
import { verifyAgainstRepository } from '../../app/verify-repository.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { foldRun } from '../../domain/run/evolve.ts'
import { type Stop, stop } from '../local/stop.ts'
import { answerBatch } from './batch.ts'
import {
  answered,
  type CliCommand,
  type Ending,
  flag,
  type Given,
  noWords,
  stopped,
  text,
  WrongUsage,
} from './command.ts'
import { BundleItem } from './items.ts'
import { readInput } from './read-input.ts'
import { trustGiven } from './trust.ts'
import { cloneText, type JudgedClone, judgeClone } from './verify-clone.ts'
import { askGithub, type Compared, onlineText } from './verify-online.ts'

type Clone = LocalRepository

export const verify: CliCommand = {
  usage:
    'agentos verify (EVIDENCE… | --repo DIR | --batch) [--trust KEYS] [--anchor SEQ@HASH | FILE] [--repo DIR] [--online]',
  summary:
    'Check evidence offline, with public keys alone; with --repo a clone, both ways; with --online GitHub’s review record.',
  exits: [0, 1, 2, 5],
  options: { trust: text, anchor: text, repo: text, online: flag, batch: flag },
  async run(given) {
    const trust = await trustGiven(given)
    const clone = await cloneGiven(given)
    if (!clone.ok) return stopped(clone.refusal)
    if (given.switches.has('batch')) return checkBatch(given, trust, clone.value)
    if (given.words.length === 0 && clone.value === null) throw new WrongUsage('name an evidence file, or a clone')
    return checkAll(given, trust, clone.value)
  },
}

function checkBatch(given: Given, trust: Trust, clone: Clone | null): Promise<Ending> {
  noWords(given)
  if (given.switches.has('online')) throw new WrongUsage('--online does not go with --batch')
  return answerBatch(BundleItem, async ({ bundle }) =>
    brief(await checkOne(Buffer.from(bundle, 'base64'), trust, clone)),
  )
}

async function checkAll(given: Given, trust: Trust, clone: Clone | null): Promise<Ending> {
  const files = await Promise.all(given.words.map(async (name) => ({ name, bytes: await readInput(name) })))
  const checked: Checked[] = []
  for (const { name, bytes } of files) checked.push({ file: name, ...(await checkOne(bytes, trust, clone)) })
  const judged = await judgedClone(clone, files, trust)
  if (!judged.ok) return stopped(judged.refusal)
  const approved = [
    ...files.flatMap(({ bytes }) => approvedBy(bytes, trust)),
    ...(judged.value?.runs.map((run) => run.approved) ?? []),
  ]
  const compared = given.switches.has('online') ? await askGithub(approved) : ok(null)
  if (!compared.ok) return stopped(compared.refusal)
  return ending(checked, { dir: given.flags.get('repo') ?? '', judged: judged.value, compared: compared.value })
}

type Checked = { readonly file: string } & Verified

async function cloneGiven(given: Given): Promise<Result<Clone | null, Stop>> {
  const dir = given.flags.get('repo')
  if (dir === undefined) return ok(null)
  const { openClone } = await import('../local/governed-clone.ts')
  const clone = await openClone(dir)
  return clone.ok ? ok(clone.value) : refuse(clone.refusal)
}

async function checkOne(bytes: Uint8Array, trust: Trust, clone: Clone | null): Promise<Verified> {
  const verified = verifyEvidence(bytes, trust)
  if (!verified.valid || clone === null) return verified
  const compared = await verifyAgainstRepository(bytes, trust, clone)
  if (!compared.valid) return compared
  return { ...verified, unproven: verified.unproven.filter((line) => !line.includes('`--repo`')) }
}

async function judgedClone(
  clone: Clone | null,
  files: Parameters<typeof judgeClone>[1],
  trust: Trust,
): Promise<Result<JudgedClone | null, Stop>> {
  if (clone === null) return ok(null)
  try {
    return await judgeClone(clone, files, trust)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'GitFailed') throw error
    return refuse(stop(5, 'repository', error.message, 'bring a whole clone that git can read'))
  }
}

/** Evidence that does not hold is asked about nowhere. */
function approvedBy(bytes: Uint8Array, trust: Trust): readonly (Approved | null)[] {
  const opened = openBundle(bytes, trust)
  return opened.ok ? [approvedIn(foldRun(opened.value.evidence.events))] : []
}

function brief(verified: Verified): object {
  return verified.valid ? { valid: true } : { valid: false, fault: `${verified.where}: ${verified.fault}` }
}

type Beside = {
  readonly dir: string
  readonly judged: JudgedClone | null
  readonly compared: Compared | null
}

function ending(checked: readonly Checked[], beside: Beside): Ending {
  const { dir, judged, compared } = beside
  const isValid = checked.every((one) => one.valid) && judged?.valid !== false && compared?.valid !== false
  const texts = [
    ...checked.map(toText),
    ...(judged === null ? [] : [cloneText(dir, judged)]),
    ...(compared === null ? [] : [onlineText(compared)]),
  ]
  return answered(isValid ? 0 : 1, toJson(isValid, checked, beside), texts.join('\n\n'))
}

/** One file alone is answered for by itself. */
function toJson(valid: boolean, checked: readonly Checked[], { judged, compared }: Beside): object {
  const online = compared === null ? {} : { online: compared.runs }
  const [only, ...others] = checked
  if (judged === null && only !== undefined && others.length === 0) return { ...only, valid, ...online }
  return { valid, evidence: checked, ...(judged === null ? {} : { clone: judged }), ...online }
}

function toText(checked: Checked): string {
  if (!checked.valid) return `${checked.file}: INVALID\n  ${checked.where}: ${checked.fault}`
  const { file, run, phase, events, venue, sealedBy, trust, delivered, unproven, log, erased, undecided } = checked
  const landed = delivered === null ? 'nothing was delivered' : `commit ${delivered.commit}, tree ${delivered.tree}`
  return [
    `${file}: valid`,
    `  run ${run} (${venue}), ${phase}, ${events} events, ${landed}`,
    `  sealed by ${sealedBy} (${trust === 'pinned' ? 'pinned' : 'its own word'})`,
    ...erasureLines(erased).map((line) => `  ${line}`),
    ...(undecided.length === 0
      ? []
      : [`  not decided again, since what it rests on was erased: ${undecided.join(', ')}`]),
    ...(log === null
      ? []
      : [`  its events stand in a log of ${log.size} events, signed at ${log.at}: root ${log.root}`]),
    ...unproven.map((line) => `  not proven here: ${line}`),
  ].join('\n')
}
