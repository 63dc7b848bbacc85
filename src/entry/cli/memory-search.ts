import { knownRepositories } from '../../app/known-repositories.ts'
import type { MemoryRow } from '../../app/memory-index.ts'
import { catchUp } from '../../app/remember.ts'
import type { RepositoryRef } from '../../domain/effects.ts'
import { type CliCommand, done, type Ending, type Given, text, WrongUsage } from './command.ts'
import { withLedger } from './with-ledger.ts'

const MOST = 100

export const memorySearch: CliCommand = {
  usage: 'agentos memory search [--repository OWNER/NAME] [--limit N] WORDS…',
  summary: 'Find decisions, answers and outcomes of earlier runs of a repository in the server’s ledger.',
  exits: [0, 2, 5],
  options: { repository: text, limit: text },
  async run(given) {
    const words = [...given.words, ...(given.rest ?? [])].join(' ').trim()
    if (words === '') throw new WrongUsage('say which words to look for')
    const limit = limitFrom(given)
    return withLedger(async (opened) => {
      const repository = chosenFrom(await knownRepositories(opened.ledger), given.flags.get('repository'))
      await catchUp(opened)
      const { installation, id } = repository
      return found(await opened.memory.search({ installation, repository: id, text: words, limit }), repository)
    })
  },
}

function limitFrom(given: Given): number {
  const value = given.flags.get('limit') ?? '10'
  const limit = Number(value)
  if (/^[1-9]\d{0,2}$/.test(value) && limit <= MOST) return limit
  throw new WrongUsage(`--limit is a number from 1 to ${MOST}`)
}

/** Memory is of one repository; which one has to be said where the ledger has several. */
function chosenFrom(known: readonly RepositoryRef[], asked: string | undefined): RepositoryRef {
  const [only, ...others] =
    asked === undefined ? known : known.filter((one) => asked === named(one) || asked === one.id)
  if (only !== undefined && others.length === 0) return only
  const names = known.length === 0 ? 'no repository' : known.map((one) => `${named(one)} (${one.id})`).join(', ')
  throw new WrongUsage(`name one repository with --repository; the ledger has runs of ${names}`)
}

function found(rows: readonly MemoryRow[], repository: RepositoryRef): Ending {
  const items = rows.map(({ stream, seq, type, name: about, text: said, scope, confidence, at, hash }) => ({
    item: `${stream.slice('run/'.length)}@${seq}`,
    type,
    name: about,
    text: said,
    scope,
    confidence,
    at,
    source: { stream, seq, hash },
  }))
  const lines = items.map((one) => `${one.item}  ${one.type}  ${one.at}\n    ${one.name.replaceAll('\n', ' ')}`)
  const people = lines.length === 0 ? 'nothing on record has to do with it' : lines.join('\n')
  return done({ repository: named(repository), items }, people)
}

function named({ owner, name }: RepositoryRef): string {
  return `${owner}/${name}`
}
