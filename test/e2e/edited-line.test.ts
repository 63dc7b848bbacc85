import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Evidence } from '../../src/domain/evidence.ts'
import { deskForEachTest, json } from '../entry/cli/a-cli.ts'

const ROOT = join(import.meta.dirname, '../..')
const desk = deskForEachTest({ 'package.json': '{"name":"sample"}\n', 'greet.js': "module.exports = 'hello'\n" })

/** A copy of the whole program in which one line of one rule reads otherwise. */
function programWith(file: string, line: string, instead: string): string {
  const copy = desk.at('program')
  for (const part of ['src', 'policies', 'package.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const text = readFileSync(join(copy, file), 'utf8')
  expect(text.split(line)).toHaveLength(2)
  writeFileSync(join(copy, file), text.replace(line, instead))
  return join(copy, 'src/entry/cli.ts')
}

async function evidence(): Promise<string> {
  const [plan, out] = [desk.at('plan.json'), desk.at('evidence.json')]
  const asked = ['--recipe', 'replace-text', 'find=hello', 'replace=bye', 'paths=greet.js']
  expect((await desk.agentos(['plan', '--repo', desk.clone, ...asked, '--out', plan])).exit).toBe(0)
  expect((await desk.agentos(['execute', plan, '--repo', desk.clone, '--approved-by', 'Lee', '--out', out])).exit).toBe(
    0,
  )
  return out
}

describe('replay by a program with one line of a rule changed', { timeout: 300_000 }, () => {
  it.each([
    [
      'how long a Grant is good for',
      'src/domain/run/decide/grants.ts',
      'expiresAt: plus(d.at, policy.limits.grantMinutes * 60_000),',
      'expiresAt: plus(d.at, policy.limits.grantMinutes * 60_001),',
      'GrantIssued',
    ],
    [
      'how many people must approve',
      'src/domain/run/decide/approval.ts',
      "venue === 'local' ? 1 :",
      "venue === 'local' ? 2 :",
      'ApprovalCounted',
    ],
  ])('names the first event that %s makes differ', async (_what, file, line, instead, type) => {
    const made = await evidence()
    const { events } = Evidence.parse(JSON.parse(readFileSync(made, 'utf8')))
    const first = events.find((event) => event.type === type)
    expect((await desk.agentos(['replay', made])).exit).toBe(0)
    const edited = { cli: programWith(file, line, instead) }
    const again = await desk.agentos(['replay', made, '--json'], edited)
    expect(again.exit).toBe(1)
    expect(json(again.stdout)).toMatchObject({ same: false, at: `${first?.stream}@${first?.seq}` })
    expect((await desk.agentos(['replay', made], edited)).stdout).toMatch(
      /with other sources \([0-9a-f]{10}…\) recorded it/,
    )
    const verified = await desk.agentos(['verify', made, '--json'], edited)
    expect(verified.exit).toBe(0)
    expect(verified.stdout).toContain('Another release of AgentOS decided this run')
  })
})
