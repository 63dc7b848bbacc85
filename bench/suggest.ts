import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Measured, measure } from '../test/entry/cli/measure-suggestion.ts'

/**
 * `npm run test:suggest -- REPO_DIR…`: collects the commands of each repository's own scripts and CI files, writes a policy
 * for it with `policy suggest`, and judges its own commands and all known escapes by that policy.
 *
 * Legitimate is a command of literal words that a step of a change may be. None of these is: a shell's own word (`cd`,
 * `export`, `if`); what needs rights on the machine (`sudo`, `apt-get`, `docker`); what installs (`npm ci`, `pip install`:
 * `prepare` is for that); what publishes, deploys, or changes the history; what reaches the network; code on a command line
 * (`python -c`), or a wrapper around anything but a script of the repository or a declared dependency; and a path outside of
 * the checkout. What is more than literal words (a pipe, a redirection, a variable) is counted apart: a declared script or
 * target that wraps it is taken by its name.
 */
const dirs = process.argv.slice(2)
if (dirs.length === 0) {
  console.error('usage: npm run test:suggest -- REPO_DIR…')
  process.exitCode = 2
} else await run(dirs)

async function run(all: readonly string[]): Promise<void> {
  const measured: Measured[] = []
  for (const dir of all) {
    const one = await measure(dir, nameOf(dir))
    measured.push(one)
    tell(one)
  }
  const sum = (of: (one: Measured) => number) => measured.reduce((total, one) => total + of(one), 0)
  const totals = {
    repositories: measured.length,
    collected: sum((one) => one.collected),
    representable: sum((one) => one.representable),
    legitimate: sum((one) => one.legitimate),
    allowedBefore: sum((one) => one.allowedBefore),
    entries: sum((one) => one.entries),
    refused: sum((one) => one.refused.length),
    warnings: sum((one) => one.warnings),
    hostileTried: sum((one) => one.tried),
    escapesPassed: sum((one) => one.escapes.length),
  }
  const share = totals.refused / Math.max(totals.legitimate, 1)
  console.log(JSON.stringify(totals), `${(share * 100).toFixed(2)} % of the legitimate ones refused`)
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  const result = { name: 'suggest', totals, repositories: measured }
  await writeFile(join(folder, 'suggest.json'), `${JSON.stringify(result, null, 2)}\n`)
  process.exitCode = share <= 0.01 && totals.escapesPassed === 0 && totals.warnings === 0 ? 0 : 1
}

/** A bare clone in a folder `repo` is named after the folder above it. */
function nameOf(dir: string): string {
  const path = resolve(dir)
  const name = basename(path)
  return name === 'repo' || name === '.git' ? basename(dirname(path)) : name
}

function tell({
  repository,
  collected,
  representable,
  legitimate,
  entries,
  refused,
  warnings,
  tried,
  escapes,
}: Measured): void {
  const counts = `${collected} collected, ${representable} representable, ${legitimate} legitimate`
  console.log(`${repository}: ${counts}, ${entries} entries, ${refused.length} refused, ${warnings} warnings`)
  for (const { command, because } of refused) console.log(`  refused: ${command.slice(0, 120)}: ${because}`)
  for (const line of escapes.slice(0, 10)) console.log(`  ESCAPED (of ${tried}): ${line}`)
}
