import { isRecord } from './exchange.ts'
import { pullMarker, renderUser } from './render.ts'
import { findRepository, type Reaction, type World } from './world.ts'

const CONTENTS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const

/** Completes JSON of the emulator: an App's login in addresses, reaction counts, and which issues are pull requests. */
export function mend(world: World, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mend(world, item))
  if (!isRecord(value)) return value
  const whole = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mendField(world, key, inner)]))
  if (whole['type'] === 'Organization') return wholeOwner(world, whole)
  const number = whole['number']
  if (typeof whole['timeline_url'] !== 'string' || typeof number !== 'number') return whole
  const [owner = '', name = ''] = String(whole['repository_url']).split('/').slice(-2)
  const repo = findRepository(world, owner, name)
  const marker = repo === undefined ? undefined : pullMarker(world, repo.row, number)
  return marker === undefined ? whole : { ...whole, draft: false, pull_request: marker }
}

/** The emulator shows an organization with fewer addresses than GitHub's `simple-user`. */
function wholeOwner(world: World, owner: Readonly<Record<string, unknown>>) {
  const row = world.tables.orgs.findOneBy('login', String(owner['login']))
  return row === undefined
    ? owner
    : { ...owner, ...renderUser(world, { ...row, type: 'Organization', site_admin: false }) }
}

function mendField(world: World, key: string, value: unknown): unknown {
  if (key === 'reactions' && isRecord(value) && typeof value['url'] === 'string') {
    const path = new URL(value['url']).pathname
    return { url: value['url'], ...countReactions(world.reactions.get(path) ?? []) }
  }
  if (key.endsWith('url') && typeof value === 'string') return value.replaceAll('[', '%5B').replaceAll(']', '%5D')
  return mend(world, value)
}

function countReactions(reactions: readonly Reaction[]) {
  const counts = CONTENTS.map((content) => [
    content,
    reactions.filter((reaction) => reaction.content === content).length,
  ])
  return { total_count: reactions.length, ...Object.fromEntries(counts) }
}
