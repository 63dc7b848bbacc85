import { expect, test } from 'vitest'
import { type LocalRepository, localRepository, type ObjectReads } from '../../../src/adapters/git/local-repository.ts'
import { remembering } from '../../../src/entry/local/remembering.ts'
import { repositoryWith } from '../../app/planning/real-scene.ts'

const ABSENT = '0123456789012345678901234567890123456789'

test('what is asked for at the same time is read at once, and never again', async () => {
  await withRepository(async ({ repository, ids, readings }) => {
    const [one, both] = await Promise.all([repository.blobs(ids.slice(0, 1)), repository.blobs(ids)])
    expect([...one.keys(), ...both.keys()]).toEqual([...ids.slice(0, 1), ...ids])
    await repository.blobs(ids)
    expect(readings).toEqual([ids])
  })
})

test('a question that cannot be answered leaves those that were asked beside it their answers', async () => {
  await withRepository(async ({ repository, ids }) => {
    const [absent, found] = await Promise.allSettled([repository.blobs([ABSENT]), repository.blobs(ids)])
    expect(absent.status).toBe('rejected')
    expect(found).toMatchObject({ status: 'fulfilled', value: { size: ids.length } })
  })
})

type Scene = {
  readonly repository: LocalRepository
  readonly ids: readonly string[]
  readonly readings: (readonly string[])[]
}

async function withRepository(use: (scene: Scene) => Promise<void>): Promise<void> {
  const { dir, head, remove } = await repositoryWith({ a: 'a\n', b: 'b\n', c: 'c\n' })
  try {
    const readings: (readonly string[])[] = []
    const watched = (reads: ObjectReads): ObjectReads => ({
      ...reads,
      blobs: (asked) => {
        readings.push(asked)
        return reads.blobs(asked)
      },
    })
    const repository = await localRepository(dir, (reads) => remembering(watched(reads)))
    const ids = (await repository.entries(head)).map(({ blob }) => blob)
    await use({ repository, ids, readings })
  } finally {
    remove()
  }
}
