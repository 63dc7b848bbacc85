import { describe, expect, test } from 'vitest'
import type { LogReplayed, Parting } from '../../../src/domain/replay-stream.ts'
import { replayFinding } from '../../../src/entry/local/examine-replay.ts'

const parting = (seq: number): Parting => ({
  pos: seq,
  stream: 'run/0a1b2c3d4e',
  seq,
  type: 'PlanFrozen',
  field: 'lane',
})

function round(at: string, partings: readonly Parting[]) {
  const data: LogReplayed = {
    pass: 1,
    began: '2026-03-01T09:00:00.000Z',
    from: 1,
    next: 41,
    writer: null,
    engine: 'a'.repeat(64),
    divergences: partings.length,
    changes: 0,
    undecided: 0,
    partings: [...partings],
  }
  return { at, data }
}

describe('what doctor says of the last replay', () => {
  test('is that there was none yet', () => {
    expect(replayFinding([])).toMatchObject({ is: 'unused', says: expect.stringContaining('yet') })
  })

  test('is how far and when the log was decided again', () => {
    expect(replayFinding([round('2026-03-02T09:00:00.000Z', []), round('2026-03-03T09:00:00.000Z', [])])).toMatchObject(
      {
        is: 'fine',
        says: 'decided again up to position 40, last at 2026-03-03T09:00:00.000Z: every decision follows',
      },
    )
  })

  test('names each decision that does not follow by its event, until a later round finds that it does', () => {
    const parted = round('2026-03-02T09:00:00.000Z', [parting(7), parting(9)])
    expect(replayFinding([parted])).toMatchObject({
      is: 'wrong',
      says: expect.stringMatching(/2 do not follow: run\/0a1b2c3d4e@7 \(PlanFrozen, lane\), run\/0a1b2c3d4e@9/),
      next: expect.stringContaining('agentos replay'),
    })
    expect(replayFinding([parted, round('2026-03-03T09:00:00.000Z', [])])).toMatchObject({ is: 'fine' })
    const many = Array.from({ length: 8 }, (_, index) => parting(index + 1))
    expect(replayFinding([round('2026-03-02T09:00:00.000Z', many)]).says).toMatch(/, and 3 more$/)
  })
})
