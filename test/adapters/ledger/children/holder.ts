import { stdout } from 'node:process'
import { lockDirectory } from '../../../../src/adapters/ledger/directory-lock.ts'

/** Tries for a lock and says whether it has it; holds it until stdin ends. */
const [path = ''] = process.argv.slice(2)
try {
  await lockDirectory(path, 'the directory')
  stdout.write('held\n')
} catch (error) {
  stdout.write(`${error instanceof Error ? error.name : 'thrown'}\n`)
}
process.stdin.resume()
