import type { Sha256 } from '../../domain/hash.ts'
import { BrokenRecord } from '../../domain/packs/documents.ts'
import { nearPaths } from '../../domain/packs/near-paths.ts'
import type { PathClaim } from '../../domain/packs/path-facts.ts'
import { applyPatch, type PatchConflict } from '../../domain/patch/apply-patch.ts'
import { type Edit, TreePath } from '../../domain/patch/edit.ts'
import type { FilePatch } from '../../domain/patch/file-patch.ts'
import type { Inflate } from '../../domain/patch/parse-binary.ts'
import { parsePatch } from '../../domain/patch/parse-patch.ts'
import { filesRead } from './files-read.ts'
import type { Scene } from './scene.ts'
import { broughtWhole, type Outcome, refused, type Written } from './sketch.ts'

/** Takes a stored patch as the draft: it must be readable in one way only and fit the base commit exactly. */
export async function sketchPatch(scene: Scene, patch: Sha256, inflate: Inflate): Promise<Outcome> {
  const bytes = scene.documents(patch)
  if (bytes === undefined) throw new BrokenRecord(`the patch ${patch} is not there`)
  const parsed = parsePatch(bytes, { inflate })
  if (!parsed.ok) {
    const { line, because } = parsed.refusal
    return refused('patch', `line ${line}: ${because}`, 'make the patch with `git diff --binary --full-index`')
  }
  const outside = parsed.value.flatMap(claimsOf).find(({ path }) => !TreePath.safeParse(path).success)
  if (outside !== undefined) {
    const because = `${JSON.stringify(outside.path.slice(0, 300))} ${faultOf(outside.path)}`
    return refused('hygiene', because, 'name paths relative to the top of the repository')
  }
  const files = await filesRead(scene, parsed.value)
  const applied = applyPatch(parsed.value, (path) => files.get(path) ?? null)
  if (!applied.ok) return conflict(scene, applied.refusal)
  const { edits, contents } = applied.value
  return broughtWhole({
    drafter: { is: 'patch', name: 'patch', version: patch },
    written: new Map(edits.map((edit) => [edit.path, writtenBy(edit, contents)])),
    claims: parsed.value.flatMap(claimsOf),
  })
}

function faultOf(path: string): string {
  return TreePath.safeParse(path).error?.issues[0]?.message ?? 'is no path of a tree'
}

function conflict(scene: Scene, { path, hunk, because }: PatchConflict): Outcome {
  const shown = path.slice(0, 300)
  if (hunk === null && !scene.entries.has(path)) {
    const near = nearPaths(path, scene.entries.keys()).map((other) => other.slice(0, 150))
    const next = near.length === 0 ? 'make the patch against the base commit' : `did you mean ${near.join(' or ')}?`
    return refused('no-fabrication', `${shown}: ${because}`, next)
  }
  const where = hunk === null ? shown : `${shown} (line ${hunk} of the patch)`
  return refused('patch', `${where}: ${because}`, 'make the patch against the base commit')
}

function writtenBy({ after }: Edit, contents: ReadonlyMap<string, Uint8Array>): Written {
  if (after === null) return null
  return { state: after, bytes: after.mode === '160000' ? null : (contents.get(after.blob) ?? null) }
}

function claimsOf({ change }: FilePatch): readonly PathClaim[] {
  if (change.is === 'create') return [{ path: change.path, claims: 'is-new' }]
  if (!('from' in change)) return [{ path: change.path, claims: 'exists' }]
  return [
    { path: change.from, claims: 'exists' },
    { path: change.path, claims: 'is-new' },
  ]
}
