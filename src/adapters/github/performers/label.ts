import type { Performer } from '../../../app/ports.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { asked, askedIfThere, rejectionIn, toFailure } from '../failures.ts'

const LABELS = {
  'agentos:blocked': { color: 'fbca04', description: 'AgentOS waits for answers' },
  'agentos:review': { color: '0e8a16', description: 'AgentOS waits for a review' },
  'agentos:running': { color: '1d76db', description: 'AgentOS is at work' },
  'agentos:stopped': { color: 'b60205', description: 'AgentOS stopped' },
} as const

type Label = keyof typeof LABELS

/** Labels mirror the run's state; other people's labels stay. */
export function labelPerformer(access: GithubAccess): Performer<'label'> {
  return async ({ repository, body: { number, set } }) => {
    const open = await access.open(repository)
    const present = await ownLabelsOn(open, number)
    for (const name of present) {
      if (name !== set) await remove(open, number, name)
    }
    if (set !== null && !present.includes(set)) await add(open, number, set)
    return { result: {}, blobs: [] }
  }
}

async function ownLabelsOn({ octokit, at }: OpenRepository, number: number): Promise<readonly Label[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels'
  const { data } = await asked(`Reading the labels of #${number}`, () =>
    octokit.request(route, { ...at, issue_number: number, per_page: 100 }),
  )
  return data.map((label) => label.name).filter(isOwnLabel)
}

function isOwnLabel(name: string): name is Label {
  return Object.hasOwn(LABELS, name)
}

async function remove({ octokit, at }: OpenRepository, number: number, name: Label): Promise<void> {
  const route = 'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}'
  await askedIfThere(`Removing the label ${name}`, () => octokit.request(route, { ...at, issue_number: number, name }))
}

async function add(open: OpenRepository, number: number, name: Label): Promise<void> {
  await create(open, name)
  const { octokit, at } = open
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels'
  await asked(`Setting the label ${name}`, () =>
    octokit.request(route, { ...at, issue_number: number, labels: [name] }),
  )
}

async function create(open: OpenRepository, name: Label): Promise<void> {
  if (await isKnown(open, name)) return
  const { octokit, at } = open
  try {
    await octokit.request('POST /repos/{owner}/{repo}/labels', { ...at, name, ...LABELS[name] })
  } catch (error) {
    const wasMadeMeanwhile = rejectionIn(error)?.status === 422 && (await isKnown(open, name))
    if (!wasMadeMeanwhile) throw toFailure(`Creating the label ${name}`, error)
  }
}

async function isKnown({ octokit, at }: OpenRepository, name: Label): Promise<boolean> {
  const found = await askedIfThere(`Looking for the label ${name}`, () =>
    octokit.request('GET /repos/{owner}/{repo}/labels/{name}', { ...at, name }),
  )
  return found !== undefined
}
