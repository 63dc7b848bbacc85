import { ACTIONS_APP, APP, type Role } from './world.ts'

export type SeededRepository = {
  readonly owner: string
  readonly name: string
  readonly private: boolean
  readonly collaborators: readonly { readonly login: string; readonly role: Role }[]
  /** A local git repository; the branch of its HEAD becomes the default branch, with the same objects. */
  readonly from: string
  /** Whether its owner has installed the App; default true. */
  readonly installed?: boolean
}

/** AgentOS asks for neither `workflows` nor `administration`. */
const APP_PERMISSIONS = {
  metadata: 'read',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  actions: 'write',
  statuses: 'read',
} as const

export const FIRST_INSTALLATION = 515_151
export const personalToken = (login: string): string => `ghp_local_${login}`

type Seed = { readonly repositories: readonly SeededRepository[]; readonly webhookSecret: string }

/** What the emulator begins with. */
export function seedOf({ repositories, webhookSecret }: Seed): object {
  const owners = [...new Set(repositories.map(({ owner }) => owner))]
  const logins = [...new Set(repositories.flatMap(({ collaborators }) => collaborators.map(({ login }) => login)))]
  const organizations = owners.filter((owner) => !logins.includes(owner))
  const app = { app_id: APP.id, slug: APP.slug, name: APP.name, events: ['*'], permissions: APP_PERMISSIONS }
  const installations = installersOf(repositories).map((account, index) => ({
    installation_id: FIRST_INSTALLATION + index,
    account,
    repository_selection: 'all',
  }))
  return {
    tokens: Object.fromEntries(logins.map((login) => [personalToken(login), { login, scopes: ['repo'] }])),
    github: {
      users: logins.map((login) => ({ login, email: `${login}@example.test` })),
      orgs: organizations.map((login) => ({ login })),
      repos: repositories.map(({ owner, name, private: hidden }) => ({
        owner,
        name,
        private: hidden,
        auto_init: false,
      })),
      apps: [
        { ...app, webhook_secret: webhookSecret, installations },
        { app_id: ACTIONS_APP.id, slug: ACTIONS_APP.slug, name: ACTIONS_APP.name, private_key: 'none' },
      ],
    },
  }
}

/** The accounts that installed the App. */
export function installersOf(repositories: readonly SeededRepository[]): readonly string[] {
  return [...new Set(repositories.filter(({ installed }) => installed !== false).map(({ owner }) => owner))]
}
