import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WrongUsage } from './command.ts'

/** A file that is there whole or not at all. */
export type Output = { readonly keep: (content: string) => Promise<void>; readonly drop: () => Promise<void> }

/** Makes sure that a file can be written, before any work is done for it. */
export async function prepareOutput(file: string): Promise<Output> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`
  const handle = await open(draft, 'wx', 0o644).catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new WrongUsage(`${file} cannot be written in ${dirname(file)} (${String(error.code)})`, { cause: error })
  })
  return {
    async keep(content) {
      await handle.writeFile(content)
      await handle.sync()
      await handle.close()
      await rename(draft, file)
    },
    async drop() {
      await handle.close()
      await rm(draft, { force: true })
    },
  }
}
