import { parseDocument } from 'yaml'
import type { ParseYaml } from '../../domain/control/load-manifest.ts'
import { ok, refuse } from '../../domain/result.ts'

const MAX_CHARACTERS = 262_144
const MAX_ALIASES = 10

/** What was read of late: the same few files are read for every command, and reading is most of the work of a Manifest. */
const recent = new Map<string, ReturnType<ParseYaml>>()
const MOST_RECENT = 64

/** Reads one YAML 1.2 document of plain data: no tags of its own, no merge keys, no repeated keys, few aliases. */
export const parseYaml: ParseYaml = (text) => {
  if (text.length > MAX_CHARACTERS) return refuse(`is longer than ${MAX_CHARACTERS} characters`)
  const known = recent.get(text) ?? read(text)
  recent.delete(text)
  recent.set(text, known)
  for (const oldest of recent.keys()) {
    if (recent.size <= MOST_RECENT) break
    recent.delete(oldest)
  }
  return known
}

function read(text: string): ReturnType<ParseYaml> {
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
    return ok(frozen(value))
  } catch (error) {
    if (error instanceof ReferenceError) return refuse(`is not plain YAML: ${error.message}`)
    throw error
  }
}

/** Everybody who asks gets the same value, so nobody may change it. Aliases make it a graph, which may be met again. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) frozen(part)
  return value
}
