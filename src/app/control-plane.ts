import { governed } from '../domain/control/governed.ts'
import { type ControlFile, loadManifest, type ParseYaml } from '../domain/control/load-manifest.ts'
import { type Manifest, manifestHash } from '../domain/control/manifest.ts'
import type { ControlRefusal } from '../domain/control/refusal.ts'
import type { ObjectId, Sha256 } from '../domain/hash.ts'
import { type NewBlob, toDocument } from '../domain/packs/documents.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { SecretFilter } from '../domain/secrets/secret-filter.ts'
import type { RepositoryReader } from './ports.ts'
import { describeModules, type RecipeModules } from './recipe-modules.ts'

/** The control plane that governs a repository at one commit of its default branch. */
export type ControlPlane = { readonly manifest: Manifest; readonly hash: Sha256; readonly document: NewBlob }

export type ControlSource = {
  readonly engine: string
  readonly shipped: readonly ControlFile[]
  readonly parseYaml: ParseYaml
  readonly modules: RecipeModules
  /** What governs is put on record, where no secret may stand. */
  readonly filter: SecretFilter
}

/** Reads `.agentos/` at a commit, lays it over the shipped pack, and names every fault where it does not hold. */
export async function controlPlaneAt(
  source: ControlSource,
  reader: RepositoryReader,
  commit: ObjectId,
): Promise<Result<ControlPlane, readonly ControlRefusal[]>> {
  const entries = (await reader.entries(commit)).filter(
    (entry) =>
      entry.path.startsWith('.agentos/') && entry.mode !== '120000' && !entry.path.startsWith('.agentos/memory/'),
  )
  const blobs = await reader.blobs([...new Set(entries.map((entry) => entry.blob))])
  const files = entries.flatMap((entry) => {
    const bytes = blobs.get(entry.blob)
    return bytes === undefined ? [] : [{ path: entry.path.slice('.agentos/'.length), bytes }]
  })
  const loaded = loadManifest({
    engine: source.engine,
    shipped: { ref: source.engine, files: source.shipped },
    repository: files.length === 0 ? null : { ref: commit, files },
    parseYaml: source.parseYaml,
    describe: await describeModules(source.modules, [...source.shipped, ...files]),
  })
  if (!loaded.ok) return refuse(loaded.refusal.map((fault) => withoutSecrets(fault, source.filter)))
  const manifest = loaded.value
  const document = toDocument(governed(manifest))
  const kind = source.filter.kindIn(document.bytes)
  if (kind !== undefined) return refuse(secretFaults(kind, files, source.filter))
  return ok({ manifest, hash: manifestHash(manifest), document })
}

/** A fault quotes what is wrong. */
function withoutSecrets({ file, key, reason }: ControlRefusal, { text }: SecretFilter): ControlRefusal {
  return { file: text(file), key: text(key), reason: text(reason) }
}

/** The files that the secret may come from, each with the kinds in it. */
function secretFaults(kind: string, files: readonly ControlFile[], filter: SecretFilter): readonly ControlRefusal[] {
  const found = files.flatMap(({ path, bytes }) => {
    const kinds = [...new Set(filter.find(bytes).map((one) => one.kind))]
    return kinds.length === 0 ? [] : [{ file: filter.text(`.agentos/${path}`), key: '', reason: secretReason(kinds) }]
  })
  return found.length > 0 ? found : [{ file: '.agentos/', key: '', reason: secretReason([kind]) }]
}

function secretReason(kinds: readonly string[]): string {
  return `it holds a secret [${kinds.join(', ')}]: take it out, and make it invalid where it came from`
}

const MOST_FAULTS = 10

/** The first faults of a control plane, a line each, and how many there are beside them. */
export function refusalText(refusals: readonly ControlRefusal[]): string {
  const more = refusals.length - MOST_FAULTS
  return [
    ...refusals
      .slice(0, MOST_FAULTS)
      .map(({ file, key, reason }) => `${file}${key === '' ? '' : `: ${key}`}: ${reason}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n')
}
