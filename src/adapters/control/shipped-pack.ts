import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ControlFile } from '../../domain/control/load-manifest.ts'

/** The pack beside this source tree; a bundle that lies elsewhere gives its own directory. */
const BESIDE_THE_SOURCE = fileURLToPath(new URL('../../../policies/', import.meta.url))

/** Every file of the shipped control plane, in the order of their paths. */
export async function readShippedPack(directory: string = BESIDE_THE_SOURCE): Promise<readonly ControlFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, '/').length))
    .sort()
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(join(directory, path)) })))
}
