import { noContent, notFound, ok, param, Refused, type RepoCall, type Route } from './exchange.ts'
import { renderUser } from './render.ts'
import { roleOf, userByLogin, type World } from './world.ts'

/** GitHub folds the two newer roles into the three older ones in `permission`. */
const FOLDED = { read: 'read', triage: 'read', write: 'write', maintain: 'write', admin: 'admin' } as const

export const peopleRoutes = (world: World): readonly Route<RepoCall>[] => [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/collaborators/:login/permission',
    answer: (call) => {
      if (call.actor.is === 'user' && roleOf(world, call.actor.user, call.repo.row) === undefined) {
        throw new Refused(403, 'Must have push access to view collaborator permission.')
      }
      const login = param(call, 'login')
      const user = userByLogin(world, login)
      if (user?.type !== 'User') throw new Refused(404, `${login} is not a user`)
      const role = roleOf(world, user, call.repo.row) ?? (call.repo.row.private ? undefined : 'read')
      const permission = role === undefined ? 'none' : FOLDED[role]
      const roleName = role ?? 'none'
      const allowed = permissionsOf(permission, roleName)
      return ok({
        permission,
        role_name: roleName,
        user: { ...renderUser(world, user), role_name: roleName, permissions: allowed },
      })
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/collaborators/:login',
    answer: (call) => {
      const user = userByLogin(world, param(call, 'login'))
      if (user === undefined || roleOf(world, user, call.repo.row) === undefined) throw notFound()
      return noContent()
    },
  },
  /** No ruleset is ever set here. */
  { method: 'GET', path: '/repos/:owner/:repo/rules/branches/*branch', answer: () => ok([]) },
]

const permissionsOf = (permission: string, role: string) => ({
  pull: permission !== 'none',
  triage: !['none', 'read'].includes(role),
  push: ['write', 'admin'].includes(permission),
  maintain: ['maintain', 'admin'].includes(role),
  admin: permission === 'admin',
})
