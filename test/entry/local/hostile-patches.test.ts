import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { deskForEachTest, json, stateOf } from '../cli/a-cli.ts'
import {
  AIMED_AT,
  brokenPatches,
  composedPatches,
  GOOD,
  type Hostile,
  LINK,
  nastyPatches,
  VALID_PATCHES,
} from './hostile-patches.ts'

const desk = deskForEachTest(AIMED_AT)

beforeEach(() => {
  symlinkSync(LINK.target, join(desk.clone, LINK.path))
  chmodSync(join(desk.clone, 'run.sh'), 0o755)
  desk.commit('Next')
})

type Answer = { readonly decision: unknown; readonly rule: unknown; readonly reasons: readonly unknown[] }

/** All of them through one real process. */
async function checkAll(patches: readonly string[]): Promise<readonly Answer[]> {
  const items = patches.map((patch, i) => JSON.stringify({ id: `${i}`, patch: Buffer.from(patch).toString('base64') }))
  const ended = await desk.agentos(['check', 'patch', '--batch', '--repo', desk.clone], {
    input: `${items.join('\n')}\n`,
  })
  expect(ended.exit, ended.stderr).toBe(0)
  return ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { decision, rule, reasons } = json(line)
      return { decision, rule, reasons: Array.isArray(reasons) ? reasons : [] }
    })
}

/** The rules that an answer names: the gate's, and each fault's own. */
function rulesIn({ rule, reasons }: Answer): readonly unknown[] {
  return [rule, ...reasons.map((reason) => /\[([a-z-]+)\]$/.exec(String(reason))?.[1])]
}

/** What is wrong with the answer to a hostile patch; nothing where it was refused as it must be. */
function faultIn({ name, breaks }: Hostile, answer: Answer | undefined): readonly string[] {
  if (answer === undefined) return [`${name}: no answer`]
  const isTold = answer.reasons.length > 0 && (breaks === 'patch' || rulesIn(answer).includes(breaks))
  return answer.decision === 'deny' && isTold ? [] : [`${name}: ${JSON.stringify(answer).slice(0, 300)}`]
}

test('check patch --batch refuses every hostile patch by the rule that it breaks, takes what is whole, and changes nothing', async () => {
  const kinds = { nasty: nastyPatches(), composed: composedPatches(), broken: brokenPatches() }
  expect(kinds.nasty.length).toBeGreaterThanOrEqual(45)
  expect(kinds.composed.length).toBeGreaterThanOrEqual(100)
  expect(kinds.broken.length).toBeGreaterThanOrEqual(120)
  const hostile = Object.values(kinds).flat()
  const whole = [GOOD, ...VALID_PATCHES]
  const before = stateOf(desk)
  const answers = await checkAll([...whole, ...hostile.map(({ patch }) => patch)])
  expect(stateOf(desk)).toBe(before)
  expect(whole.flatMap((patch, i) => (answers[i]?.decision === 'allow' ? [] : [patch]))).toEqual([])
  expect(hostile.flatMap((one, i) => faultIn(one, answers[whole.length + i]))).toEqual([])
}, 180_000)
