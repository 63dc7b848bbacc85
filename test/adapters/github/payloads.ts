/** Webhook payloads with what GitHub sends and AgentOS reads, and some of what it does not read. */
const person = (login: string, id: number, type = 'User') => ({ login, id, node_id: 'U_1', type, site_admin: false })
export const ana = person('ana', 11)
export const lee = person('lee', 12)
export const agentosBot = person('agentos[bot]', 77, 'Bot')

const common = {
  repository: {
    id: 501,
    node_id: 'R_1',
    name: 'demo',
    full_name: 'acme/demo',
    private: true,
    owner: person('acme', 21, 'Organization'),
    default_branch: 'main',
    pushed_at: 1795291709,
    custom_properties: {},
  },
  organization: { login: 'acme', id: 21 },
  installation: { id: 515151, node_id: 'MDM' },
  sender: ana,
}

const issue = {
  id: 9001,
  number: 12,
  title: 'Replace rmdir',
  body: null,
  state: 'open',
  user: ana,
  updated_at: '2026-11-21T20:00:00Z',
}

export const issueComment = (more: object = {}) => ({
  action: 'created',
  issue,
  comment: {
    id: 3_111_222_333,
    body: '/agentos plan',
    user: ana,
    author_association: 'NONE',
    updated_at: '2026-11-21T20:01:00Z',
  },
  ...common,
  ...more,
})

export const issues = (more: object = {}) => ({ action: 'opened', issue, ...common, ...more })

const SHA = '4c1d9e20000000000000000000000000000000aa'
const pull = {
  id: 7001,
  number: 13,
  state: 'open',
  title: 'Replace rmdir',
  merged: false,
  merge_commit_sha: null,
  updated_at: '2026-11-21T20:02:00Z',
  user: agentosBot,
  head: { ref: 'agentos/12-x', sha: SHA },
  base: { ref: 'main', sha: 'b'.repeat(40) },
}

export const pullRequest = (more: object = {}, about: object = {}) => ({
  action: 'opened',
  number: 13,
  pull_request: { ...pull, ...about },
  ...common,
  ...more,
})

export const review = (more: object = {}, about: object = {}) => ({
  action: 'submitted',
  review: {
    id: 8001,
    user: lee,
    body: 'Fine.',
    state: 'approved',
    commit_id: SHA,
    submitted_at: '2026-11-21T20:03:00Z',
    ...about,
  },
  pull_request: pull,
  ...common,
  sender: lee,
  ...more,
})

export const push = (more: object = {}) => ({
  ref: 'refs/heads/agentos/12-x',
  before: 'a'.repeat(40),
  after: SHA,
  created: false,
  deleted: false,
  forced: false,
  commits: [],
  head_commit: null,
  pusher: { name: 'ana' },
  ...common,
  ...more,
})

export const checkRun = () => ({
  action: 'completed',
  check_run: { id: 61, head_sha: SHA, name: 'CI', completed_at: null, check_suite: { id: 62 } },
  ...common,
})

export const ping = () => ({ zen: 'Keep it logically awesome.', hook_id: 480001, hook: {} })
