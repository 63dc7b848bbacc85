import type { Json } from '../../demo/a-local-github.ts'
import { REPO, type Story } from './a-story.ts'

/** The effect keys that GitHub shows for a run: comments, pull request, checks, commits, jobs. Each as often as it is seen. */
export async function visibleKeys(story: Story, view: Json): Promise<readonly string[]> {
  const run = String(view['run'])
  const numbers = [Number(view['issue']), Number(view['pullRequest']?.['number'])].filter((number) => number > 0)
  const texts: string[] = []
  for (const number of numbers) texts.push(...(await story.comments(number)))
  const pull = await story.pull(numbers.at(-1) ?? 0)
  texts.push(String(pull['body']))
  const commits = [view['proposed'], view['delivered']].flatMap((at) =>
    typeof at?.['commit'] === 'undefined' ? [] : [String(at['commit'])],
  )
  const checks = (await Promise.all(commits.map((sha) => story.checks(sha)))).flat()
  const kept = (await story.lee.does('GET', `${REPO}/git/ref/agentos/evidence`)).json['object']?.['sha']
  const evidence =
    kept === undefined
      ? []
      : [...(await story.lee.does('GET', `${REPO}/commits?sha=${String(kept)}&per_page=100`)).json]
  const jobs = (await story.lee.does('GET', `${REPO}/actions/runs?per_page=100`)).json['workflow_runs'] ?? []
  return [
    ...texts.flatMap((text) => matches(text, /<!-- agentos:effect=(\S+) -->/g)),
    ...checks.map((check) => String(check['external_id'])),
    ...(await Promise.all(commits.map((sha) => story.commit(sha)))).flatMap((commit) =>
      matches(String(commit['message']), /^AgentOS-Step: (\S+)$/gm),
    ),
    ...evidence.flatMap((one) => matches(String(one['commit']?.['message']), /^AgentOS-Step: (\S+)$/gm)),
    ...[...jobs].flatMap((job) => matches(String(job['display_title']), /(\S+\/\d+\/\d+)$/g)),
  ].filter((key) => key.startsWith(`${run}/`))
}

/** Effects of these kinds leave their key where people and programs can see it. */
const VISIBLE: ReadonlySet<string> = new Set([
  'comment',
  'check',
  'commit',
  'dispatch',
  'open-pull-request',
  'keep-evidence',
])

export function performedKeys(view: Json): readonly string[] {
  return [...(view['effects'] ?? [])]
    .filter((effect) => VISIBLE.has(String(effect['kind'])) && String(effect['status']) === 'done')
    .map((effect) => String(effect['key']))
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found)
}
