import { deskEvents } from '../domain/desk.ts'
import type { RepositoryRef } from '../domain/effects.ts'
import { runStream } from '../domain/ids.ts'
import { parseData } from '../domain/run/events.ts'
import type { Ledger } from './ledger.ts'

/** The repositories that have had a run, as their newest run names them. */
export async function knownRepositories(ledger: Pick<Ledger, 'streams' | 'read'>): Promise<readonly RepositoryRef[]> {
  const known: RepositoryRef[] = []
  for (const desk of await ledger.streams('desk/')) {
    const opened = (await ledger.read(desk)).findLast(({ type }) => type === 'RunOpened')
    if (opened === undefined) continue
    const [first] = await ledger.read(runStream(deskEvents.RunOpened.parse(opened.data).run))
    if (first?.type === 'RequestReceived') known.push(parseData('RequestReceived', first.data).repository)
  }
  return known
}
