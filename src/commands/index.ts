import { amend } from './amend.ts'
import { answer } from './answer.ts'
import { help } from './help.ts'
import { plan } from './plan.ts'
import { prove } from './prove.ts'
import { rollback } from './rollback.ts'
import type { SlashCommand } from './slash-command.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { unlock } from './unlock.ts'
import { why } from './why.ts'

/** Every slash command, in the order that help shows them. */
export const slashCommands: readonly SlashCommand[] = [
  plan,
  answer,
  amend,
  status,
  why,
  prove,
  stop,
  rollback,
  unlock,
  help,
]

/** The commands as people read them in a comment. */
export function helpText(): string {
  const entries = slashCommands.map(({ usage, summary }) => `${summary}\n\`\`\`\n${usage}\n\`\`\``)
  const rules =
    'One command a comment, on its first line. A plan is approved by an approving review of its pull request.'
  return [...entries, rules].join('\n\n')
}
