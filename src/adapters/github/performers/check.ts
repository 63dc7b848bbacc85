import type { SignedNow } from '../../../app/checkpoints.ts'
import type { Intended, Performer } from '../../../app/ports.ts'
import type { EffectBody } from '../../../domain/effects.ts'
import type { GithubAccess, OpenRepository } from '../access.ts'
import { anchorText } from '../anchor-text.ts'
import { asked } from '../failures.ts'
import { ledgerLine } from '../ledger-line.ts'
import { toNumber } from '../number.ts'
import { CHECK_LIMIT, fit } from '../text-limits.ts'

/**
 * One check of a name on a head: the App's own is brought up to date, and carries the key of the effect that did it and the
 * place in the ledger that it was made from. The final account also has a signed checkpoint of the whole ledger.
 */
export function checkPerformer(access: GithubAccess, signedNow: SignedNow): Performer<'check'> {
  return async (intended) => {
    const { repository, key, body } = intended
    const open = await access.open(repository)
    const { appId } = await access.own()
    const known = await latestOwn(open, body, appId)
    if (known?.key === key) return { result: { checkRunId: known.id }, blobs: [] }
    const anchor = isFinalAccount(intended) ? await anchorNow(signedNow) : ''
    const wanted = { ...contentOf(intended, anchor), external_id: key }
    const checkRunId = known === undefined ? await create(open, body, wanted) : await update(open, known.id, wanted)
    return { result: { checkRunId }, blobs: [] }
  }
}

type Known = { readonly id: string; readonly key: string | null }

async function latestOwn(
  { octokit, at }: OpenRepository,
  { name, head }: EffectBody<'check'>,
  appId: number,
): Promise<Known | undefined> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
  const { data } = await asked(`Looking for the check ${name}`, () =>
    octokit.request(route, { ...at, ref: head, check_name: name, per_page: 100 }),
  )
  const own = data.check_runs.filter((run) => run.app?.id === appId && run.name === name)
  const latest = own.reduce<(typeof own)[number] | undefined>(
    (a, b) => (a === undefined || b.id > a.id ? b : a),
    undefined,
  )
  return latest === undefined ? undefined : { id: String(latest.id), key: latest.external_id }
}

type Content = {
  readonly status: EffectBody<'check'>['status']
  readonly conclusion?: NonNullable<EffectBody<'check'>['conclusion']>
  readonly output: { readonly title: string; readonly summary: string; readonly text: string }
  readonly external_id?: string
}

function isFinalAccount({ run, body }: Intended<'check'>): boolean {
  return run !== null && body.name === 'agentos/review' && body.status === 'completed'
}

async function anchorNow(signedNow: SignedNow): Promise<string> {
  return anchorText(await signedNow())
}

function contentOf(intended: Intended<'check'>, anchor: string): Content {
  const { status, conclusion, title, summary, text } = intended.body
  return {
    status,
    ...(conclusion === null ? {} : { conclusion }),
    output: { title, summary: fit(summary, CHECK_LIMIT, ledgerLine(intended)), text: fit(text, CHECK_LIMIT, anchor) },
  }
}

async function create(
  { octokit, at }: OpenRepository,
  { name, head }: EffectBody<'check'>,
  content: Content,
): Promise<string> {
  const route = 'POST /repos/{owner}/{repo}/check-runs'
  const { data } = await asked(`Creating the check ${name}`, () =>
    octokit.request(route, { ...at, ...content, name, head_sha: head }),
  )
  return String(data.id)
}

async function update({ octokit, at }: OpenRepository, id: string, content: Content): Promise<string> {
  const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'
  await asked('Updating a check', () => octokit.request(route, { ...at, ...content, check_run_id: toNumber(id) }))
  return id
}
