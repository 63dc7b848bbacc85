import { describe, expect, test } from 'vitest'
import { settleReads } from '../../src/app/settle-reads.ts'

/** Each blob names the next one. */
const CHAIN = new Map(
  [
    ['a', 'b'],
    ['b', 'c'],
    ['c', ''],
  ].map(([id = '', next = '']) => [id, Buffer.from(next)]),
)

function follow(read: (blob: string) => Uint8Array | undefined): readonly string[] {
  const path: string[] = []
  for (let next = 'a'; next !== ''; ) {
    const bytes = read(next)
    path.push(bytes === undefined ? `${next}?` : next)
    next = bytes === undefined ? '' : Buffer.from(bytes).toString()
  }
  return path
}

describe('a question is asked again until it has read what it wants', () => {
  test('however one file leads to the next', async () => {
    const loads: (readonly string[])[] = []
    const load = async (blobs: readonly string[]) => {
      loads.push(blobs)
      return CHAIN
    }
    expect(await settleReads(load, () => undefined, follow)).toEqual(['a', 'b', 'c'])
    expect(loads).toEqual([['a'], ['b'], ['c']])
  })

  test('what is here is not fetched, and what cannot be had stays unread', async () => {
    const loads: (readonly string[])[] = []
    const load = async (blobs: readonly string[]) => {
      loads.push(blobs)
      return new Map<string, Uint8Array>()
    }
    expect(await settleReads(load, (blob) => (blob === 'a' ? CHAIN.get('a') : undefined), follow)).toEqual(['a', 'b?'])
    expect(loads).toEqual([['b']])
  })

  test('a question that never has enough is an error', async () => {
    let next = 0
    const more = (read: (blob: string) => Uint8Array | undefined) => {
      next += 1
      return read(String(next))
    }
    await expect(
      settleReads(
        async () => new Map(),
        () => undefined,
        more,
      ),
    ).rejects.toThrow(/still grow/)
  })
})
