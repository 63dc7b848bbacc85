import type { Trust } from '../../app/evidence/open-bundle.ts'
import { erasureLines } from '../../app/privacy/erased.ts'
import { type Verified, verifyEvidence } from '../../app/verify.ts'
import { verifyAgainstRepository } from '../../app/verify-repository.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Stop } from '../local/stop.ts'
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

type Clone = Parameters<typeof verifyAgainstRepository>[2]

export const verify: CliCommand = {
  usage: 'agentos verify (EVIDENCE… | --batch) [--trust KEYS] [--anchor SEQ@HASH] [--repo DIR]',
  summary: 'Check evidence offline, with public keys alone; with --repo also against a clone.',
  exits: [0, 1, 2],
  options: { trust: text, anchor: text, repo: text, batch: flag },
  async run(given) {
    const isBatch = given.switches.has('batch')
    if (isBatch) noWords(given)
    if (!isBatch && given.words.length === 0) throw new WrongUsage('name an evidence file')
    const trust = await trustGiven(given)
    const clone = await cloneGiven(given)
    if (!clone.ok) return stopped(clone.refusal)
    const check = (bytes: Uint8Array) => checkOne(bytes, trust, clone.value)
    if (isBatch) return answerBatch(BundleItem, async ({ bundle }) => brief(await check(Buffer.from(bundle, 'base64'))))
    const files = await Promise.all(given.words.map(async (file) => ({ file, bytes: await readInput(file) })))
    const checked: Checked[] = []
    for (const { file, bytes } of files) checked.push({ file, ...(await check(bytes)) })
    return ending(checked)
  },
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

function brief(verified: Verified): object {
  return verified.valid ? { valid: true } : { valid: false, fault: `${verified.where}: ${verified.fault}` }
}

function ending(checked: readonly Checked[]): Ending {
  const isValid = checked.every((one) => one.valid)
  const [only, ...others] = checked
  const json = others.length === 0 ? only : { valid: isValid, evidence: checked }
  return answered(isValid ? 0 : 1, json, checked.map(toText).join('\n\n'))
}

function toText(checked: Checked): string {
  if (!checked.valid) return `${checked.file}: INVALID\n  ${checked.where}: ${checked.fault}`
  const { file, run, phase, events, venue, sealedBy, trust, delivered, unproven, erased, undecided } = checked
  const landed = delivered === null ? 'nothing was delivered' : `commit ${delivered.commit}, tree ${delivered.tree}`
  return [
    `${file}: valid`,
    `  run ${run} (${venue}), ${phase}, ${events} events, ${landed}`,
    `  sealed by ${sealedBy} (${trust === 'pinned' ? 'pinned' : 'its own word'})`,
    ...erasureLines(erased).map((line) => `  ${line}`),
    ...(undecided.length === 0
      ? []
      : [`  not decided again, since what it rests on was erased: ${undecided.join(', ')}`]),
    ...unproven.map((line) => `  not proven here: ${line}`),
  ].join('\n')
}
