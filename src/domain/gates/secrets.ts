import type { Policy } from '../control/policy.ts'
import type { SecretFound } from '../secrets/secrets-in-change.ts'
import { blocked, defineGate, passed } from './gate.ts'

export const secretsGate = defineGate<{
  /** Undefined where nobody looked. */
  readonly secrets: readonly SecretFound[] | undefined
  readonly policy: Pick<Policy, 'secrets'>
}>({
  name: 'secrets',
  redLine: null,
  title: 'No change brings a secret into the repository',
  judge({ secrets, policy }) {
    if (secrets === undefined) return blocked('the change was not searched for secrets')
    const allowed = policy.secrets ?? []
    const kept = secrets.filter(
      ({ kind, path }) => !allowed.some((one) => one.path === path && one.kinds.includes(kind)),
    )
    const [first] = kept
    if (first !== undefined) {
      const more = kept.length > 1 ? ` (and ${kept.length - 1} more)` : ''
      return blocked(`${first.path}: ${placeOf(first)} holds a secret [${first.kind}]${more}`)
    }
    return passed(secrets.length === 0 ? 'no secret is brought in' : `${secrets.length} that the policy allows`)
  },
})

/** What to do where this gate blocks. */
export const SECRETS_NEXT =
  'take the secret out and replace it where it is in use; what is none is allowed by path and kind under `secrets` in `.agentos/policy.yml`'

function placeOf({ line }: SecretFound): string {
  return line === 0 ? 'its name' : `line ${line}`
}
