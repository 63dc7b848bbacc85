import type { IssueRow, LabelRow, RepoRow, UserRow } from './rows.ts'
import { APP, nodeId, type Pull, pullKey, type Review, roleOf, userById, type World } from './world.ts'

type Json = Readonly<Record<string, unknown>>

export function renderUser(world: World, user: UserRow): Json {
  const login = encodeURIComponent(user.login)
  const api = `${world.url}/users/${login}`
  return {
    login: user.login,
    id: user.id,
    node_id: user.node_id,
    avatar_url: `${world.url}/avatars/u/${login}`,
    gravatar_id: '',
    url: api,
    html_url: `${world.url}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    user_view_type: 'public',
    site_admin: user.site_admin,
  }
}

export const renderUserById = (world: World, id: number | null): Json | null => {
  const user = userById(world, id)
  return user === undefined ? null : renderUser(world, user)
}

/** A repository as GitHub shows it, without what the emulator adds for the one who asks. */
export const renderRepository = (world: World, repo: RepoRow): Json => ({
  ...world.renderedRepositories.get(repo.id),
  open_issues: repo.open_issues_count,
  open_issues_count: repo.open_issues_count,
  pushed_at: repo.pushed_at,
})

export const renderLabel = (world: World, repo: RepoRow, label: LabelRow): Json => ({
  id: label.id,
  node_id: label.node_id,
  url: `${world.url}/repos/${repo.full_name}/labels/${encodeURIComponent(label.name)}`,
  name: label.name,
  description: label.description,
  color: label.color,
  default: label.default,
})

export function associationOf(world: World, repo: RepoRow, userId: number): string {
  const user = userById(world, userId)
  if (user === undefined) return 'NONE'
  if (repo.owner_type === 'User' && repo.owner_id === userId) return 'OWNER'
  return roleOf(world, user, repo) === undefined ? 'NONE' : 'COLLABORATOR'
}

export function issueOf(world: World, repo: RepoRow, number: number): IssueRow | undefined {
  return world.tables.issues.findBy('repo_id', repo.id).find((issue) => issue.number === number)
}

/** The `pull_request` key that marks an issue as a pull request. */
export function pullMarker(world: World, repo: RepoRow, number: number): Json | undefined {
  const pull = world.pulls.get(pullKey(repo.id, number))
  if (pull === undefined) return undefined
  const html = `${world.url}/${repo.full_name}/pull/${number}`
  return {
    url: `${world.url}/repos/${repo.full_name}/pulls/${number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: pull.mergedAt,
  }
}

/** A pull request as it stands in lists and events. */
export function renderPull(world: World, repo: RepoRow, pull: Pull, issue: IssueRow): Json {
  const api = `${world.url}/repos/${repo.full_name}`
  const self = `${api}/pulls/${pull.number}`
  const html = `${world.url}/${repo.full_name}/pull/${pull.number}`
  const assignees = issue.assignee_ids.map((id) => renderUserById(world, id)).filter((user) => user !== null)
  return {
    url: self,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: `${api}/issues/${pull.number}`,
    ...pullLinks(api, pull),
    number: pull.number,
    state: issue.state,
    locked: issue.locked,
    active_lock_reason: issue.active_lock_reason,
    title: issue.title,
    user: renderUserById(world, issue.user_id),
    body: issue.body,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: issue.closed_at,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee: assignees[0] ?? null,
    assignees,
    requested_reviewers: pull.requestedReviewerIds.map((id) => renderUserById(world, id)),
    requested_teams: [],
    labels: labelsOf(world, repo, issue),
    milestone: null,
    draft: pull.draft,
    head: renderSide(world, world.repositories.get(pull.headRepoId)?.row ?? repo, pull.headRef, pull.headSha),
    base: renderSide(world, repo, pull.baseRef, pull.baseSha),
    author_association: associationOf(world, repo, issue.user_id),
    auto_merge: null,
  }
}

const labelsOf = (world: World, repo: RepoRow, issue: IssueRow): readonly Json[] =>
  issue.label_ids.flatMap((id) => {
    const label = world.tables.labels.get(id)
    return label === undefined ? [] : [renderLabel(world, repo, label)]
  })

function pullLinks(api: string, pull: Pull): Json {
  const self = `${api}/pulls/${pull.number}`
  const links = {
    comments: `${api}/issues/${pull.number}/comments`,
    review_comments: `${self}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${self}/commits`,
    statuses: `${api}/statuses/${pull.headSha}`,
  }
  const html = self.replace('/repos/', '/').replace('/pulls/', '/pull/')
  return {
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    _links: Object.fromEntries(
      Object.entries({ self, html, issue: `${api}/issues/${pull.number}`, ...links }).map(([name, href]) => [
        name,
        { href },
      ]),
    ),
  }
}

function renderSide(world: World, repo: RepoRow, ref: string, sha: string): Json {
  const whole = renderRepository(world, repo)
  return { label: `${repo.full_name.split('/')[0] ?? ''}:${ref}`, ref, sha, user: whole['owner'], repo: whole }
}

export function renderReview(world: World, repo: RepoRow, review: Review): Json {
  const html = `${world.url}/${repo.full_name}/pull/${review.pullNumber}#pullrequestreview-${review.id}`
  const pull = `${world.url}/repos/${repo.full_name}/pulls/${review.pullNumber}`
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: renderUserById(world, review.userId),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    _links: { html: { href: html }, pull_request: { href: pull } },
    submitted_at: review.submittedAt,
    commit_id: review.commitId,
    author_association: associationOf(world, repo, review.userId),
  }
}

/** The App belongs to the first account that installed it. */
export function renderAppOwner(world: World): Json {
  const organization = world.tables.orgs.all()[0]
  if (organization !== undefined) return renderUser(world, { ...organization, type: 'Organization', site_admin: false })
  const [login = ''] = world.installationIds.keys()
  return renderUser(world, world.tables.users.findOneBy('login', login) ?? world.bot)
}

/** The App as it stands beside its check runs. */
export function renderApp(world: World, permissions: Readonly<Record<string, string>>): Json {
  return {
    id: APP.id,
    slug: APP.slug,
    client_id: 'Iv1.local',
    node_id: nodeId('App', APP.id),
    owner: renderAppOwner(world),
    name: APP.name,
    description: null,
    external_url: world.url,
    html_url: `${world.url}/apps/${APP.slug}`,
    created_at: world.bot.created_at,
    updated_at: world.bot.created_at,
    permissions,
    events: ['*'],
  }
}
