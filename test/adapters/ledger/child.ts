import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'

export type Child = {
  readonly pid: number
  readonly lines: Interface
  /** Lets it end by itself. */
  readonly finish: () => Promise<number | null>
  readonly kill: () => Promise<void>
}

/** Starts a program of `children/` in a process of its own. */
export function startChild(program: string, ...args: readonly string[]): Child {
  const file = new URL(`./children/${program}.ts`, import.meta.url).pathname
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  if (child.pid === undefined) throw new Error(`${program} did not start`)
  return {
    pid: child.pid,
    lines: createInterface({ input: child.stdout }),
    async finish() {
      child.stdin.end()
      await exited
      return child.exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

export async function nextLine(child: Child): Promise<string> {
  const [line]: unknown[] = await once(child.lines, 'line')
  return String(line)
}
