import { notFound, Refused, type RepoCall } from './exchange.ts'
import { type Role, roleOf, type World } from './world.ts'

const RANK = { read: 1, triage: 2, write: 3, maintain: 4, admin: 5 } as const

export const notForApps = (): Refused => new Refused(403, 'Resource not accessible by integration')

/** An App needs the named permission; a person needs the role. */
export type Need = { readonly permission: string; readonly level: 'read' | 'write'; readonly role: Role }

export function need(world: World, call: RepoCall, { permission, level, role }: Need): void {
  if (call.actor.is === 'installation') {
    const granted = call.actor.permissions[permission]
    if (granted !== 'write' && granted !== level) throw notForApps()
    return
  }
  const held = roleOf(world, call.actor.user, call.repo.row)
  if (role === 'read' && !call.repo.row.private) return
  if (held === undefined) throw notFound()
  if (RANK[held] < RANK[role]) throw new Refused(403, 'Must have admin rights to Repository.')
}

export const CONTENTS_READ: Need = { permission: 'contents', level: 'read', role: 'read' }
export const CONTENTS_WRITE: Need = { permission: 'contents', level: 'write', role: 'write' }
export const PULLS_READ: Need = { permission: 'pull_requests', level: 'read', role: 'read' }
/** Anyone who can read may open or review a pull request. */
export const PULLS_TAKE_PART: Need = { permission: 'pull_requests', level: 'write', role: 'read' }
export const PULLS_WRITE: Need = { permission: 'pull_requests', level: 'write', role: 'write' }
export const CHECKS_READ: Need = { permission: 'checks', level: 'read', role: 'read' }
export const ACTIONS_READ: Need = { permission: 'actions', level: 'read', role: 'read' }
export const ACTIONS_WRITE: Need = { permission: 'actions', level: 'write', role: 'write' }
