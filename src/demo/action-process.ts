import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** What a step of a job is started with, as Actions would start it. */
export type ActionStart = {
  readonly bundle: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly path: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type ActionEnd = {
  readonly conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out'
  readonly exitCode: number | null
  /** Everything printed, with what was masked replaced by `***`. */
  readonly log: string
  readonly errors: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

const FILES = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const

/** Starts the bundle as a process of its own, with the variables and files that a runner gives it and nothing else. */
export async function runAction(start: ActionStart): Promise<ActionEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'local-runner-'))
  try {
    return await inFolder(start, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function inFolder(start: ActionStart, folder: string): Promise<ActionEnd> {
  for (const name of FILES) await writeFile(join(folder, name), '')
  const child = spawn(process.execPath, [start.bundle], { cwd: folder, env: environment(start, folder) })
  const timer = setTimeout(() => child.kill('SIGKILL'), start.timeoutMs)
  const onAbort = () => child.kill('SIGTERM')
  start.signal.addEventListener('abort', onAbort, { once: true })
  if (start.signal.aborted) onAbort()
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  try {
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    const [outputs, summary] = await Promise.all([read(folder, 'GITHUB_OUTPUT'), read(folder, 'GITHUB_STEP_SUMMARY')])
    return {
      ...toLog(stdout, stderr),
      conclusion: conclusionOf(start, exitCode),
      exitCode,
      outputs: parseOutputs(outputs),
      summary,
    }
  } finally {
    clearTimeout(timer)
    start.signal.removeEventListener('abort', onAbort)
  }
}

function conclusionOf({ signal }: ActionStart, exitCode: number | null): ActionEnd['conclusion'] {
  if (exitCode === 0) return 'success'
  if (signal.aborted) return 'cancelled'
  return exitCode === null ? 'timed_out' : 'failure'
}

function environment({ inputs, env, path }: ActionStart, folder: string): Record<string, string> {
  const named = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  return {
    PATH: path,
    HOME: folder,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_NAME: 'local',
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: folder,
    ...env,
    ...Object.fromEntries(named),
    ...Object.fromEntries(FILES.map((name) => [name, join(folder, name)])),
  }
}

function read(folder: string, name: (typeof FILES)[number]): Promise<string> {
  return readFile(join(folder, name), 'utf8')
}

/** Workflow commands are obeyed as the runner does: masks hide, errors are annotations, a stop token silences the rest. */
function toLog(stdout: string, stderr: string): Pick<ActionEnd, 'log' | 'errors'> {
  const commands = obeyed([...stdout.split('\n'), ...stderr.split('\n')])
  const masks = commands.flatMap(({ name, value }) => (name === 'add-mask' && value !== '' ? [value] : []))
  const hide = (shown: string) => masks.reduce((all, mask) => all.replaceAll(mask, '***'), shown)
  const shown = commands.filter(({ name }) => name !== 'add-mask').map(({ line }) => line)
  const errors = commands.filter(({ name }) => name === 'error').map(({ value }) => hide(value))
  return { log: hide(shown.join('\n').trim()), errors }
}

type Line = { readonly line: string; readonly name: string | null; readonly value: string }

/** Each line with the command that it is; between a stop token and its repetition there are none. */
function obeyed(lines: readonly string[]): readonly Line[] {
  let stoppedBy: string | undefined
  return lines.map((line) => {
    const plain = { line, name: null, value: '' }
    if (stoppedBy !== undefined) {
      if (line === `::${stoppedBy}::`) stoppedBy = undefined
      return plain
    }
    const [, name, value = ''] = /^::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? []
    if (name === 'stop-commands') stoppedBy = value
    return name === undefined ? plain : { line, name, value: unescape(value) }
  })
}

function unescape(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

/** `name<<delimiter`, the lines of the value, `delimiter`. */
function parseOutputs(content: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {}
  for (const [, name = '', delimiter = '', value = ''] of content.matchAll(/^([^\n<]+)<<([^\n]+)\n([^]*?)\n\2$/gm)) {
    if (delimiter !== '') outputs[name] = value
  }
  return outputs
}
