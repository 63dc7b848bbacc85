import { z } from 'zod'
import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { WrongUsage } from './command.ts'

const Answers = z.record(z.string().regex(/^q[1-9][0-9]?$/), z.union([z.string(), z.int(), z.boolean()]))
const Rounds = z.union([Answers.transform((one) => [one]), z.array(Answers).min(1).max(3)])

/**
 * Reads an answers file: lines `q1: …`, or a YAML or JSON map, for one round of questions; a list of maps for several. Lines are
 * taken literally, so that nobody has to know how YAML reads an answer.
 */
export function readAnswers(bytes: Uint8Array): readonly Readonly<Record<string, string>>[] {
  const text = fromUtf8(bytes)
  if (text === undefined) throw new WrongUsage('the answers file is not UTF-8 text')
  const lines = linesIn(text)
  if (lines !== undefined) return [lines]
  const parsed = parseYaml(text)
  const rounds = parsed.ok ? Rounds.safeParse(parsed.value) : undefined
  if (rounds?.success !== true)
    throw new WrongUsage('the answers file holds neither lines `q1: …`, nor a map of such, nor a list of maps')
  return rounds.data.map((round) => Object.fromEntries(Object.entries(round).map(([id, value]) => [id, String(value)])))
}

/** A value that begins like this means something in YAML. */
const YAML_VALUE = /^["'|>[{&*!%@`#]/

function linesIn(text: string): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const [, id, value] = /^(q[1-9][0-9]?)\s*:\s+(\S.*)$/.exec(line) ?? []
    if (id === undefined || value === undefined || found.has(id) || YAML_VALUE.test(value)) return undefined
    found.set(id, value.trimEnd())
  }
  return found.size === 0 ? undefined : Object.fromEntries(found)
}
