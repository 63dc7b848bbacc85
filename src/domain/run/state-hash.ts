import { hashOf, type Sha256 } from '../hash.ts'
import { effectStandings, type RunState } from './state.ts'

/**
 * The identity of a folded state, for comparing engines. What has not happened is null, false or empty and is left out, so
 * that a later engine, whose states have more members, gives an old history the hash that it had.
 */
export function stateHash(state: RunState): Sha256 {
  return hashOf(told(JSON.parse(JSON.stringify({ ...state, effects: [...effectStandings(state)] }))) ?? null)
}

function told(value: unknown): unknown {
  if (value === null || value === false) return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => told(item) ?? null)
  if (typeof value !== 'object') return value
  const members = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const kept = told(member)
    return kept === undefined ? [] : [[key, kept]]
  })
  return members.length === 0 ? undefined : Object.fromEntries(members)
}
