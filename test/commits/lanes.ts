import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { join } from 'node:path'
import type { Came } from './engine.ts'
import { Answer, type Task } from './task.ts'

/** Takes tasks through the whole pipeline in processes beside each other, and tells of each as it came. */
export async function inProcesses(
  source: string,
  {
    tasks,
    processes,
    came,
  }: {
    readonly tasks: readonly Task[]
    readonly processes: number
    readonly came: (task: Task, came: Came) => void
  },
): Promise<void> {
  const waiting = tasks.values()
  const lane = async () => {
    const child = fork(join(import.meta.dirname, 'children/lane.ts'), [source])
    await once(child, 'message')
    for (const task of waiting) came(task, await asked(child, task))
    child.disconnect()
    await once(child, 'exit')
  }
  await Promise.all(Array.from({ length: processes }, lane))
}

async function asked(child: ChildProcess, task: Task): Promise<Came> {
  const gone = new AbortController()
  const leave = () => gone.abort(new Error(`the process for ${task.commit.id} is gone`))
  child.once('exit', leave)
  child.send(task)
  for await (const [message] of on(child, 'message', { signal: gone.signal })) {
    child.off('exit', leave)
    return Answer.parse(message)
  }
  throw new Error('a process fell silent')
}
