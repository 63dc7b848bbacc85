import { Buffer } from 'node:buffer'
import { z } from 'zod'
import { blobId } from '../../domain/git-objects.ts'
import { ObjectId } from '../../domain/hash.ts'
import type { OpenRepository } from './access.ts'
import { query } from './graphql.ts'
import { inTurn } from './in-turn.ts'

const A_REQUEST = 100
const AT_ONCE = 3

/** Many text blobs in one request for each hundred. What is not text, or not whole, or not there is left out. */
export async function fetchTexts(
  open: OpenRepository,
  ids: readonly ObjectId[],
): Promise<ReadonlyMap<ObjectId, Uint8Array>> {
  const batches = Array.from({ length: Math.ceil(ids.length / A_REQUEST) }, (_, i) =>
    ids.slice(i * A_REQUEST, (i + 1) * A_REQUEST),
  )
  const answers = await inTurn(batches, AT_ONCE, (batch) => fetchBatch(open, batch))
  return new Map(answers.flat())
}

const Objects = z.object({ repository: z.record(z.string(), z.object({ text: z.string().nullish() }).nullable()) })

async function fetchBatch(open: OpenRepository, ids: readonly ObjectId[]): Promise<readonly [ObjectId, Uint8Array][]> {
  const fields = ids.map((id, i) => `b${i}: object(oid: "${ObjectId.parse(id)}") { ... on Blob { text } }`)
  const text = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields.join(' ')} } }`
  const variables = { owner: open.at.owner, name: open.at.repo }
  const answer = await query(open, { what: `Reading ${ids.length} files`, text, variables })
  if (answer.is === 'refused') return []
  const { repository } = Objects.parse(answer.data)
  return ids.flatMap((id, i): [ObjectId, Uint8Array][] => {
    const said = repository[`b${i}`]?.text
    const bytes = typeof said === 'string' ? new Uint8Array(Buffer.from(said, 'utf8')) : undefined
    return bytes !== undefined && blobId(bytes) === id ? [[id, bytes]] : []
  })
}
