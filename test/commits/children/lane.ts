import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { copyOf } from '../history.ts'
import { patchOf } from '../patch-of.ts'
import { throughPipeline } from '../pipeline.ts'
import { Task } from '../task.ts'
import { widePack } from '../wide-pack.ts'

/** Takes commits of one repository through the whole pipeline, one after the other, on a copy of its own. */
const [source = ''] = process.argv.slice(2)
const history = copyOf(source)
const pack = await widePack()
process.on('message', (message) => void take(Task.parse(message)))
process.on('disconnect', () => history.remove())
process.send?.('ready')

async function take({ commit, turn }: Task): Promise<void> {
  const patch = patchOf(history, commit, turn)
  process.send?.(await throughPipeline(history, commit, { patch, pack }))
  rmSync(join(history.dir, 'refs/heads/agentos'), { recursive: true, force: true })
}
