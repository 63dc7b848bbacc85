import { secretsGate } from '../../domain/gates/secrets.ts'
import type { ObjectId } from '../../domain/hash.ts'
import type { Edit } from '../../domain/patch/edit.ts'
import { secretsInChange } from '../../domain/secrets/secrets-in-change.ts'
import type { Stage } from './scene.ts'

type Looking = Pick<Stage, 'mission' | 'ports' | 'base'>

/** Why these edits may not leave the job: the gate `secrets`, asked where the values that this job was given are known. */
export async function leakIn(
  { mission, ports, base }: Looking,
  edits: readonly Edit[],
  bytes: ReadonlyMap<ObjectId, Uint8Array>,
): Promise<string | null> {
  const known = new Set(base.entries.map(({ blob }) => blob))
  const before = edits
    .flatMap((edit) => (edit.before === null || edit.before.mode === '160000' ? [] : [edit.before.blob]))
    .filter((blob) => known.has(blob))
  const contents = new Map([...(await base.read([...new Set(before)])), ...bytes])
  const { brought: secrets } = secretsInChange(edits, contents, ports.filter)
  const verdict = secretsGate.judge({ secrets, policy: mission.policy })
  if (verdict.is === 'passed') return null
  return `secrets: ${verdict.is === 'blocked' ? verdict.because : verdict.for}`
}
