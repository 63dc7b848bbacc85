import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const CLI = join(import.meta.dirname, '../src/entry/cli.ts')

/** Gives the real program a batch, a line in and a line out. */
export function answerBatch(args: readonly string[], lines: readonly string[]): readonly string[] {
  const ended = spawnSync(process.execPath, [CLI, ...args, '--batch'], {
    input: lines.join('\n'),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  const answers = ended.stdout.trimEnd().split('\n')
  if (answers.length !== lines.length) throw new Error(`${answers.length} of ${lines.length} items were answered`)
  return answers
}
