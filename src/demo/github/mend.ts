import { isRecord } from './exchange.ts'
import { pullMarker, renderAppOwner, renderRepository, renderUser } from './render.ts'
import { APP, findRepository, type Reaction, type World } from './world.ts'

const CONTENTS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const

/** Completes JSON of the emulator: an App's login in addresses, reaction counts, and which issues are pull requests. */
export function mend(world: World, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mend(world, item))
  if (!isRecord(value)) return value
  const whole = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mendField(world, key, inner)]))
  if (whole['type'] === 'Organization') return wholeOwner(world, whole)
  if (typeof whole['full_name'] === 'string') return wholeRepository(world, whole)
  if (typeof whole['timeline_url'] === 'string') return wholeIssue(world, whole)
  if (typeof whole['access_tokens_url'] === 'string') return wholeInstallation(whole)
  if (whole['slug'] === APP.slug && whole['owner'] === null) return { ...whole, owner: renderAppOwner(world) }
  return whole
}

type Json = Readonly<Record<string, unknown>>

function wholeIssue(world: World, issue: Json): Json {
  const { number } = issue
  const [owner = '', name = ''] = String(issue['repository_url']).split('/').slice(-2)
  const repo = findRepository(world, owner, name)
  if (repo === undefined || typeof number !== 'number') return issue
  const marker = pullMarker(world, repo.row, number)
  return marker === undefined ? issue : { ...issue, pull_request: marker }
}

const wholeInstallation = (installation: Json): Json => {
  const { account } = installation
  return isRecord(account) ? { ...installation, target_id: account['id'] } : installation
}

/** The emulator shows an organization with fewer addresses than GitHub's `simple-user`. */
function wholeOwner(world: World, owner: Json): Json {
  const row = world.tables.orgs.findOneBy('login', String(owner['login']))
  return row === undefined
    ? owner
    : { ...owner, ...renderUser(world, { ...row, type: 'Organization', site_admin: false }) }
}

/** The emulator shows the repositories of a token by name only, and no repository's network. */
function wholeRepository(world: World, brief: Json): Json {
  if ('owner' in brief) return { ...brief, network_count: 0, subscribers_count: 0 }
  const row = world.tables.repos.findOneBy('full_name', String(brief['full_name']))
  return row === undefined ? brief : renderRepository(world, row)
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
