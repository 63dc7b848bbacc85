import { catchUp, learnedIn } from '../../app/remember.ts'
import { runStream } from '../../domain/ids.ts'
import { type Note, parseNote } from '../../domain/memory/note.ts'
import { isMemoryNote } from '../../domain/packs/memory-files.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { stop } from '../local/stop.ts'
import { type CliCommand, done, type Ending, needed, oneWord, stopped, text, WrongUsage } from './command.ts'
import { withLedger } from './with-ledger.ts'

export const memoryShow: CliCommand = {
  usage: 'agentos memory show (RUN@SEQ | .agentos/memory/NOTE.md --repo DIR)',
  summary: 'Show one remembered thing whole: what a run left on record, or a note of a clone at its HEAD.',
  exits: [0, 1, 2, 3, 5],
  options: { repo: text },
  run(given) {
    const item = oneWord(given, 'remembered thing')
    const [, run, seq] = /^([0-9a-hjkmnp-tv-z]{10})@(\d{1,9})$/.exec(item) ?? []
    if (run !== undefined && seq !== undefined) return showRecorded(run, Number(seq))
    if (isMemoryNote(item)) return showNote(item, needed(given, 'repo'))
    throw new WrongUsage(`${JSON.stringify(item)} names neither an event of a run nor a note in .agentos/memory/`)
  },
}

function showRecorded(run: string, seq: number): Promise<Ending> {
  return withLedger(async (opened) => {
    await catchUp(opened)
    const learned = await learnedIn(opened.ledger, await opened.ledger.read(runStream(run)))
    const items = learned.filter(({ event }) => event.seq === seq)
    if (items.length === 0)
      return stopped(stop(2, 'memory', `nothing is remembered from ${run}@${seq}`, 'look with `agentos memory search`'))
    const shown = items.map(({ event, ...said }) => ({ ...said, source: event }))
    const people = items.map((one) => toPeople({ ...one, expires: null }, one.text))
    return done({ items: shown }, people.join('\n\n'))
  })
}

async function showNote(path: string, dir: string): Promise<Ending> {
  const { openGoverned } = await import('../local/governed-clone.ts')
  const clone = await openGoverned(dir)
  if (!clone.ok) return stopped(clone.refusal)
  const { repository, base } = clone.value
  const entry = (await repository.entries(base)).find((one) => one.path === path)
  if (entry === undefined)
    return stopped(stop(2, 'memory', `there is no ${path} at ${base}`, 'see `agentos memory pack`'))
  const bytes = (await repository.blobs([entry.blob])).get(entry.blob)
  const note = parseNote((bytes === undefined ? undefined : fromUtf8(bytes)) ?? '')
  if (!note.ok)
    return stopped(
      stop(
        1,
        'memory',
        `${path}: ${note.refusal}`,
        'mend the note; `agentos policy lint --repo DIR` names every fault',
      ),
    )
  return done({ path, blob: entry.blob, base, note: note.value }, toPeople(note.value, note.value.text))
}

type Shown = Omit<Note, 'text' | 'type'> & { readonly type: string }

function toPeople({ type, scope, confidence, expires }: Shown, said: string): string {
  const until = expires === null ? 'holds until something else is said' : `expires ${expires}`
  return `${type}, ${confidence} % sure, ${until}\nabout ${scope.join(', ')}\n\n${said.trim()}`
}
