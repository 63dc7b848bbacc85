import { canonicalJson } from '../../domain/canonical.ts'
import { Checkpoint, type CheckpointFile } from '../../domain/checkpoint.ts'
import { statementIn } from '../../domain/dsse.ts'
import { BrokenRecord } from '../../domain/packs/documents.ts'
import { fenced, folded } from '../../domain/text/markdown.ts'

/** The signed state of the whole log, which whoever keeps the text can hold against every later account of the server. */
export function anchorText(file: CheckpointFile): string {
  const { size, root } = statedIn(file)
  const what = `Signed checkpoint: the ledger had ${size} events, with the root <code>${root}</code>, says key <code>${file.key.keyid}</code>`
  const how =
    'Kept as a file, it shows a ledger that was cut off or rewritten later: `agentos verify EVIDENCE --anchor FILE`.'
  return `\n\n${folded(what, `${how}\n\n${fenced(canonicalJson(file), 'json')}`)}`
}

function statedIn({ checkpoint }: CheckpointFile): Checkpoint {
  const stated = Checkpoint.safeParse(statementIn(checkpoint)?.predicate)
  if (!stated.success) throw new BrokenRecord('a checkpoint was made that states nothing')
  return stated.data
}
