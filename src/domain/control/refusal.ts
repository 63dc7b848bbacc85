import type { z } from 'zod'

/** Why a file of the control plane is not accepted: which file, which key, what is wrong with it. */
export type ControlRefusal = { readonly file: string; readonly key: string; readonly reason: string }

/** Every fault of one file, each with the key it is about; an unknown key is named itself. */
export function refusalsOf(error: z.ZodError, file: string): readonly ControlRefusal[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ file, key: dotted(issue.path), reason: issue.message }]
    return issue.keys.map((key) => ({ file, key: dotted([...issue.path, key]), reason: 'unknown key' }))
  })
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}
