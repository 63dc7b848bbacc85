import type { z } from 'zod'
import { Manifest } from './manifest.ts'

/**
 * The part of a Manifest that governs: the document whose SHA-256 is `manifestHash`. Runs, Plans and Grants name it by that
 * hash and read their policy from it.
 */
export const Governed = Manifest.omit({ engine: true, layers: true })
export type Governed = z.infer<typeof Governed>

export function governed({ engine: _engine, layers: _layers, ...rest }: Manifest): Governed {
  return rest
}
