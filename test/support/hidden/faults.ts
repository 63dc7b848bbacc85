import { parseComment } from '../../../src/commands/parse-comment.ts'
import type { Mode } from '../../../src/domain/control/policy.ts'
import { formIntent } from '../../../src/domain/packs/form-intent.ts'
import { type Claim, Intent } from '../../../src/domain/packs/intent.ts'
import { readVisible, type VisibleText } from '../../../src/domain/packs/intent-text.ts'
import type { Words } from '../../../src/domain/packs/people.ts'
import type { Hiding } from './hidings.ts'
import { type Place, type Placed, within } from './placed.ts'
import type { Showing } from './showings.ts'

/** Which text of a request the words stand in, and under what mode and for whom it is understood. */
export type Setting = {
  readonly where: 'title' | 'body' | 'comment' | 'amendment' | 'review'
  readonly mode: Mode
  readonly requester: string
}

const BEFORE = 'Please fix src/words.js.'
const AFTER = 'It must keep 3 words.\n\n## Acceptance criteria\n- [ ] `npm test` passes\n'
const HARMLESS = 'nothing here'
const NOTHING: Words = { login: 'ana', title: '', body: '', text: '', params: {}, labels: [] }

/** What goes wrong where these words are hidden in a request: nothing, as it must be. */
export function hiddenFaults({ kind, hide }: Hiding, words: string, setting: Setting): readonly string[] {
  const { text, words: places } = request(hide(words), setting)
  const { hidden } = readVisible(text)
  const intent = intentOf(text, setting)
  return [
    ...commandFaults(text),
    ...authorityFaults(intent, setting),
    ...(decisionOf(intent) === harmless(hide, setting) ? [] : ['the hidden words decide something']),
    ...(hidden.some((span) => span.kind === kind) ? [] : [`nothing is reported as ${kind}`]),
    ...places.filter((place) => !isCovered(hidden, place)).map((place) => `not reported: ${text.slice(...place)}`),
    ...places
      .filter((place) => claimsOf(intent, setting).some((claim) => meets(claim, place)))
      .map(() => 'a claim is cited there'),
    ...(intent.hidden.length + intent.leftOut.hidden === hidden.length
      ? []
      : ['the Intent does not count what is hidden']),
  ]
}

/** What goes wrong where these words are seen: they are the request's own, and no more than that. */
export function shownFaults({ isQuoted, show }: Showing, words: string, setting: Setting): readonly string[] {
  const { text, words: places } = request(show(words), setting)
  const { visible, hidden } = readVisible(text)
  const intent = intentOf(text, setting)
  const isSeen = places.every((place) => lettersOf(visible).includes(lettersOf(text.slice(...place))))
  const quoted = isQuoted && said(intent) !== said(intentOf(request(show(HARMLESS), setting).text, setting))
  return [
    ...commandFaults(text),
    ...authorityFaults(intent, setting),
    ...(isSeen ? [] : ['words that are seen are not shown']),
    ...(hidden.some((span) => span.kind !== 'invisible-characters' && places.some((place) => meets(span, place)))
      ? ['words that are seen are said to be hidden']
      : []),
    ...claimsOf(intent, setting)
      .filter((claim) => !visible.includes(claim.text))
      .map((claim) => `cited and not seen: ${claim.text}`),
    ...(quoted ? ['a quotation claims something'] : []),
  ]
}

/** What goes wrong with a text that nobody made for this: what it hides must not matter, what it shows may. */
export function textFaults(text: string, setting: Setting): readonly string[] {
  const intent = intentOf(text, setting)
  const { visible, hidden } = readVisible(text)
  return [
    ...authorityFaults(intent, setting),
    ...(hidden.every(({ start, end }) => 0 <= start && start < end && end <= text.length) ? [] : ['a span is nowhere']),
    ...claimsOf(intent, setting)
      .filter(({ start, end }) => start >= end || end > text.length)
      .map((claim) => `cited from nowhere: ${claim.text}`),
    ...(INVISIBLE.test(visible) ? ['an invisible character is shown'] : []),
  ]
}

/** What goes wrong where words are hidden before a text of any sort, and where they stand behind one that may swallow them. */
export function besideFaults({ hide }: Hiding, words: string, text: string, setting: Setting): readonly string[] {
  const put = (some: string) => within('', hide(some), `\n\n${text}`)
  const first = put(words)
  const { hidden } = readVisible(first.text)
  const isSame = decisionOf(intentOf(first.text, setting)) === decisionOf(intentOf(put(HARMLESS).text, setting))
  const last = within(`${text}\n\n`, hide(words), '')
  const seen = readVisible(last.text)
  return [
    ...(isSame ? [] : ['words hidden before it decide something']),
    ...first.words.filter((place) => !isCovered(hidden, place)).map(() => 'words hidden before it are not reported'),
    ...last.words.filter((place) => !isAccounted(seen, last.text, place)).map(() => 'words behind it are lost'),
  ]
}

function isAccounted({ visible, hidden }: VisibleText, text: string, place: Place): boolean {
  return isCovered(hidden, place) || lettersOf(visible).includes(lettersOf(text.slice(...place)))
}

const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\u{e0000}-\u{e007f}]/u

function request(placed: Placed, { where }: Setting): Placed {
  return where === 'title' ? within(`${BEFORE} `, placed, '') : within(`${BEFORE} `, placed, `\n\n${AFTER}`)
}

/** The Intent of a request in which one of the texts is this. */
export function intentOf(text: string, { where, mode, requester }: Setting): Intent {
  const isLater = where === 'amendment' || where === 'review'
  const first = isLater ? { text: 'Fix it' } : { [where === 'comment' ? 'text' : where]: text }
  const later = { words: { ...NOTHING, text: where === 'amendment' ? text : '' }, review: { ...NOTHING, text } }
  const amendments = isLater ? [where === 'review' ? later : { ...later, review: null }] : []
  return Intent.parse(formIntent({ ...NOTHING, ...first }, { mode, requester, recipe: null, amendments }))
}

const known = new Map<string, string>()

function harmless(hide: Hiding['hide'], setting: Setting): string {
  const { text } = request(hide(HARMLESS), setting)
  const key = `${JSON.stringify(setting)} ${text}`
  const decision = known.get(key) ?? decisionOf(intentOf(text, setting))
  known.set(key, decision)
  return decision
}

/** All that a text decides: everything but where it stands, what is hidden, and the digest of the exact words. */
export function decisionOf(intent: Intent): string {
  const { goal, hidden: _hidden, leftOut, source: _source, ...rest } = intent
  const words = goal.replaceAll(/\s+/g, ' ')
  return JSON.stringify({ words, ...rest, left: [leftOut.goal, leftOut.claims] }, withoutPlaces)
}

const withoutPlaces = (key: string, value: unknown) => (key === 'start' || key === 'end' ? undefined : value)

function said(intent: Intent): string {
  return JSON.stringify({ ...intent, goal: '', hidden: [], leftOut: 0, source: '' }, withoutPlaces)
}

function authorityFaults(intent: Intent, { where, mode, requester }: Setting): readonly string[] {
  const version = where === 'amendment' || where === 'review' ? 2 : 1
  const isSame = intent.mode === mode && intent.requester === requester && intent.version === version
  return isSame ? [] : ['mode, requester or version are others']
}

function commandFaults(text: string): readonly string[] {
  return parseComment(text).is === 'none' ? [] : ['it is read as a command']
}

const SOURCES = {
  title: 'issue-title',
  body: 'issue-body',
  comment: 'comment',
  amendment: 'amendment 1',
  review: 'amendment 1 review',
} as const

/** What is claimed from the text that is looked at. */
function claimsOf(intent: Intent, { where }: Setting): readonly Claim[] {
  const { scope, constraints, criteria, nonGoals, assumptions, kindFrom } = intent
  const kind = kindFrom === null ? [] : [kindFrom]
  const all = [...scope, ...constraints, ...criteria, ...nonGoals, ...assumptions, ...kind]
  return all.filter(({ source }) => source === SOURCES[where])
}

function meets({ start, end }: { readonly start: number; readonly end: number }, place: Place): boolean {
  return start < place[1] && place[0] < end
}

/** Whether spans, taken together, reach over the whole place. */
export function isCovered(spans: VisibleText['hidden'], [from, to]: Place): boolean {
  let at = from
  for (const { start, end } of spans) if (start <= at && end > at) at = end
  return at >= to
}

/** What is left of words once their disguise is off: their letters and digits. */
function lettersOf(text: string): string {
  const plain = text.replaceAll(/&#(x?)([0-9a-f]+);/gi, (_, by, digits) =>
    String.fromCodePoint(Number.parseInt(digits, by === '' ? 10 : 16)),
  )
  return plain.replaceAll(/[^\p{L}\p{N}\p{So}]/gu, '')
}
