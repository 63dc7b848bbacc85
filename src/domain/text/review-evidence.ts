import type { Documents } from '../packs/documents.ts'
import type { ReviewPack } from '../packs/review-pack.ts'
import type { OnRecord } from '../run/account.ts'
import { type RunState, told } from '../run/state.ts'
import { fenced } from './markdown.ts'
import { type Places, placesOf } from './places.ts'
import { nameOf } from './review-reasons.ts'
import { count } from './words.ts'

export function evidenceFile(run: string): string {
  return `agentos-${run}.evidence.json`
}

/** The commands with which anyone checks the account offline, where the files come from, and where the key is pinned. */
export function checkItLines(
  state: RunState,
  pack: Pick<OnRecord, 'run' | 'base' | 'delivered'>,
  anchor: string | null = null,
): readonly string[] {
  const { evidence } = placesOf(state)
  const file = evidence === null ? 'evidence.json' : evidenceFile(pack.run)
  const files =
    evidence === null
      ? 'with the file that `agentos execute` wrote:'
      : `with ${evidence} as \`${file}\` and, in \`keys.json\`, the key that the repository pins in \`.agentos/keys.json\` or as \`controller-key\` in \`.github/workflows/agentos.yml\`:`
  const trust = evidence === null ? '' : ' --trust keys.json'
  const commands = [
    `agentos verify ${file}${trust}${anchor === null ? '' : ` --anchor ${anchor}`}`,
    ...(pack.delivered === null ? [] : [diffCommand(pack.base, pack.delivered.commit)]),
  ]
  return [`**Check it yourself**, offline, ${files}`, '', fenced(commands.join('\n'))]
}

function diffCommand(base: string, commit: string): string {
  return `git diff-tree -r -z --no-renames --full-index ${base} ${commit} | sha256sum`
}

/** What there is to hold the account against: each thing, its hash, and where it stands. */
export function evidenceTable(state: RunState, documents: Documents, pack: OnRecord): readonly string[] {
  return [
    '| what | hash | where |',
    '|---|---|---|',
    ...rows(state, documents, pack).map((row) => `| ${row.join(' | ')} |`),
  ]
}

type Row = readonly [what: string, hash: string, where: string]

function rows(state: RunState, documents: Documents, pack: OnRecord): readonly Row[] {
  const places = placesOf(state)
  const { plan, delivered, approvals } = pack
  return [
    [`request of ${requesterIn(state, documents)}`, code(pack.intent), places.request],
    [
      'control plane',
      code(pack.manifest),
      `\`.agentos/\` at ${places.commit(told(state.request, 'the request').base.sha)}`,
    ],
    ...(plan === null ? [] : [['plan', code(plan.hash), planPlace(state)] as const]),
    ...approvals.map(
      (one): Row => [`approval of ${nameOf(state, documents, one)}`, code(one.commit), approvalPlace(state, one)],
    ),
    ...receiptRow(pack),
    ...(delivered === null ? [] : deliveredRows(places, delivered)),
  ]
}

function deliveredRows(
  places: Places,
  { commit, tree, diffSha256 }: NonNullable<ReviewPack['delivered']>,
): readonly Row[] {
  return [
    ['commit', code(commit), places.pullRequest],
    ['tree', code(tree), places.commit(commit)],
    ['change', code(diffSha256), 'what the second command prints'],
  ]
}

function requesterIn(state: RunState, documents: Documents): string {
  const { words, requester, via } = told(state.request, 'the request')
  return via.is === 'schedule' ? 'a schedule' : nameOf(state, documents, { words, userId: requester.id })
}

function planPlace(state: RunState): string {
  const { proposed } = state
  return proposed?.commit == null
    ? 'the evidence'
    : `check \`agentos/plan\` on ${placesOf(state).commit(proposed.commit)}`
}

function approvalPlace(state: RunState, { authority, reviewId }: ReviewPack['approvals'][number]): string {
  return authority === 'local' ? 'this machine’s own word' : `${placesOf(state).review(reviewId)} on that commit`
}

function receiptRow({ steps }: OnRecord): readonly Row[] {
  const last = steps.at(-1)
  return last === undefined
    ? []
    : [[count(steps.length, 'step receipt'), code(last.receipt), 'the last of their chain, in the evidence']]
}

function code(hash: string | null): string {
  return hash === null ? '–' : `\`${hash}\``
}
