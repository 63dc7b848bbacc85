import { parseYaml } from '../../adapters/control/parse-yaml.ts'
import { settleReads } from '../../app/settle-reads.ts'
import { judgeCommand } from '../../domain/control/allowlist.ts'
import { commandFactsOf } from '../../domain/packs/command-facts.ts'
import { type PolicySuggestion, suggestPolicy } from '../../domain/suggest/suggest.ts'
import { indexTree } from '../../domain/targets/checkout.ts'
import type { GovernedClone } from './governed-clone.ts'

/** Reads the clone's commit, and nothing of its working tree. */
export async function suggestFor({ repository, base, control }: GovernedClone): Promise<PolicySuggestion> {
  const { policy } = control.manifest
  const checkoutWith = indexTree(await repository.entries(base))
  return settleReads(
    (blobs) => repository.blobs(blobs),
    () => undefined,
    (read) => {
      const checkout = checkoutWith(read)
      const facts = commandFactsOf(checkout)
      const isAllowed = ({
        argv,
        seen,
      }: {
        readonly argv: readonly string[]
        readonly seen: { readonly cwd: string }
      }) => judgeCommand({ argv, env: {}, cwd: seen.cwd }, policy, facts).decision === 'allow'
      return suggestPolicy({ checkout, policy, parseYaml, isAllowed })
    },
  )
}
