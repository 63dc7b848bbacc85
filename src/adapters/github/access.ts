import type { Probot, ProbotOctokit } from 'probot'
import { TryLater, WillNotWork } from '../../app/ports.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import { asked } from './failures.ts'
import { toNumber } from './number.ts'
import { recent } from './recent.ts'

const KNOWN_FOR_MS = 60_000
const REPOSITORIES = 1000

/** One repository as the App's installation reaches it, under the name that it has at this moment. */
export type OpenRepository = {
  readonly octokit: ProbotOctokit
  readonly at: { readonly owner: string; readonly repo: string }
  readonly id: string
  readonly nodeId: string
  readonly defaultBranch: string
}

/** Who the App is: its own id, and the user id of its bot. */
type OwnIdentity = { readonly appId: number; readonly botId: string }

export type GithubAccess = {
  open(repository: RepositoryRef): Promise<OpenRepository>
  own(): Promise<OwnIdentity>
}

/** A repository is known by its numeric id: another one that took over the name is refused. */
export function githubAccess(probot: Probot): GithubAccess {
  const opened = recent<{ open: OpenRepository; until: number }>({ limit: REPOSITORIES, weight: () => 1 })
  let own: OwnIdentity | undefined
  return {
    open: async (repository) => {
      const known = opened.get(repository.id)
      if (known !== undefined && known.until > Date.now()) return known.open
      const open = await openRepository(probot, repository)
      opened.set(repository.id, { open, until: Date.now() + KNOWN_FOR_MS })
      return open
    },
    own: async () => {
      own ??= await ownIdentity(probot)
      return own
    },
  }
}

async function openRepository(probot: Probot, repository: RepositoryRef): Promise<OpenRepository> {
  const installation = toNumber(repository.installation)
  const octokit = await asked('Signing in as the App', () => probot.auth(installation))
  const named = { owner: repository.owner, repo: repository.name }
  const { data } = await asked('Opening the repository', () => octokit.request('GET /repos/{owner}/{repo}', named))
  if (String(data.id) !== repository.id) {
    throw new WillNotWork(`${repository.owner}/${repository.name} is another repository by now (id ${data.id})`)
  }
  return {
    octokit,
    at: { owner: data.owner.login, repo: data.name },
    id: repository.id,
    nodeId: data.node_id,
    defaultBranch: data.default_branch,
  }
}

/** The users endpoint does not take the App's own token, so the bot is looked up through any installation. */
async function ownIdentity(probot: Probot): Promise<OwnIdentity> {
  const octokit = await asked('Signing in as the App', () => probot.auth())
  const app = await asked('Asking who the App is', () => octokit.request('GET /app'))
  const installations = await asked('Listing installations', () =>
    octokit.request('GET /app/installations', { per_page: 1 }),
  )
  const [first] = installations.data
  if (app.data === null || app.data.slug === undefined)
    throw new WillNotWork('GitHub does not say what the App is called')
  if (first === undefined) throw new TryLater('The App is not installed anywhere yet', KNOWN_FOR_MS)
  const username = `${app.data.slug}[bot]`
  const through = await asked('Signing in as the App', () => probot.auth(first.id))
  const bot = await asked('Asking for the App’s bot', () => through.request('GET /users/{username}', { username }))
  return { appId: app.data.id, botId: String(bot.data.id) }
}
