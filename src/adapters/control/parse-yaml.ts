import { parseDocument } from 'yaml'
import type { ParseYaml } from '../../domain/control/load-manifest.ts'
import { ok, refuse } from '../../domain/result.ts'

const MAX_CHARACTERS = 262_144
const MAX_ALIASES = 10

/** Reads one YAML 1.2 document of plain data: no tags of its own, no merge keys, no repeated keys, few aliases. */
export const parseYaml: ParseYaml = (text) => {
  if (text.length > MAX_CHARACTERS) return refuse(`is longer than ${MAX_CHARACTERS} characters`)
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    merge: false,
    customTags: [],
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  const fault = [...document.errors, ...document.warnings][0]
  if (fault !== undefined) return refuse(`is not plain YAML: ${fault.message}`)
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    return ok(value)
  } catch (error) {
    if (error instanceof ReferenceError) return refuse(`is not plain YAML: ${error.message}`)
    throw error
  }
}
