import { HeldRole } from '../../domain/packs/people.ts'
import type { OpenRepository } from './access.ts'
import { askedIfThere } from './failures.ts'

/** What a login may do here at this moment, and whose login it is. */
export type Standing = { readonly role: HeldRole; readonly userId: string | null }

const NOBODY: Standing = { role: 'none', userId: null }

/** Only a person has a role: GitHub knows none for an App's bot, and none for somebody whom it does not know. */
export async function standingOf({ octokit, at }: OpenRepository, login: string): Promise<Standing> {
  if (!isLogin(login)) return NOBODY
  const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission'
  const answer = await askedIfThere(`Asking what @${login} may do`, () =>
    octokit.request(route, { ...at, username: login }),
  )
  if (answer === undefined || answer.data.user === null) return NOBODY
  const { role_name: name, permission, user } = answer.data
  const userId = String(user.id)
  return user.type === 'User' ? { role: roleFrom(name, permission), userId } : { role: 'none', userId }
}

/** A custom role has a name of its own; GitHub folds it into the permission that it builds on. */
function roleFrom(name: string, permission: string): HeldRole {
  const known = HeldRole.safeParse(name)
  if (known.success) return known.data
  const folded = HeldRole.safeParse(permission)
  return folded.success ? folded.data : 'none'
}

function isLogin(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(text)
}
