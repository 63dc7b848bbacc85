import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOf, sha256Hex } from '../domain/hash.ts'

/** Which code decides: the package's version, and a digest over every source file that takes part. */
export type Engine = { readonly version: string; readonly digest: string }

const SOURCE = dirname(dirname(fileURLToPath(import.meta.url)))

/** Reads the engine's own source. Byte for byte replay is promised for the same digest. */
export function thisEngine(): Engine {
  const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(SOURCE, join(entry.parentPath, entry.name)))
    .filter((path) => /^(?:domain|commands|app)\//.test(path))
    .sort()
  const digest = hashOf(files.map((path) => [path, sha256Hex(readFileSync(join(SOURCE, path)))]))
  return { version: readVersion(), digest }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(SOURCE), 'package.json'), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
  throw new TypeError('package.json names no version')
}
