import type { PlanLimits } from '../domain/packs/plan.ts'
import type { NetworkUse } from '../domain/receipt.ts'

/**
 * What one sandboxed command may use. Sizes are bytes; each of stdout and stderr may hold `outputBytes`. `diskBytes` and `files`
 * bound what it adds to its checkout and its private folders together.
 */
export type SandboxLimits = {
  readonly wallMs: number
  readonly cpuSeconds: number
  readonly outputBytes: number
  readonly memoryBytes: number
  readonly processes: number
  readonly fileBytes: number
  readonly diskBytes: number
  readonly files: number
}

const GIB = 1024 ** 3
const MOST_FILES = 500_000

/** The limits of one command under those of a policy: it may add as much to its disk as it may take memory, and 4 GiB in any case. */
export function sandboxLimits(
  { stepCpuSeconds, ...limits }: Omit<PlanLimits, 'stepWallMs' | 'runMinutes'>,
  wallMs: number,
): SandboxLimits {
  const { outputBytes, memoryBytes, processes, fileBytes } = limits
  const disk = { diskBytes: Math.max(memoryBytes, 4 * GIB), files: MOST_FILES }
  return { wallMs, cpuSeconds: stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes, ...disk }
}

/** Nowhere, or through the recording proxy to these hosts: `name` is its port 443, `package-registry` the machine's own. */
export type SandboxNetwork = 'none' | { readonly hosts: readonly string[] }

/**
 * One command to run on a scratch copy of a checkout. `argv[0]` is a bare name, looked up on the sandbox's own PATH, or a
 * relative path inside the checkout. `env` is all the command sees beside PATH, HOME, TMPDIR, LANG, TZ and CI.
 */
export type SandboxRequest = {
  readonly argv: readonly string[]
  readonly checkout: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly network: SandboxNetwork
  readonly limits: SandboxLimits
}

/** The file that was started: its path as the command sees it, and the SHA-256 of its bytes. */
export type SandboxBinary = { readonly path: string; readonly sha256: string }

/** What the command printed. A stream past its limit is kept up to the limit; the hash is of what is kept, the count is of what came. */
type SandboxRecord = {
  readonly binary: SandboxBinary
  readonly durationMs: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly stdoutSha256: string
  readonly stderrSha256: string
  readonly network: 'none' | NetworkUse
  /** Processes that the command left running when it ended by itself. They were ended. */
  readonly survivors: number
}

/** Why a command did not end by itself. */
export type SandboxStop =
  | 'wall-time'
  | 'output'
  | 'cpu'
  | 'memory'
  | 'disk'
  | 'files'
  | 'signal'
  | 'file-size'
  | 'cancelled'

export type SandboxRefusalRule = 'sandbox-missing' | 'bad-request' | 'no-such-binary' | 'not-startable' | 'cancelled'

/** How a command ended. `refused` means that nothing of it ran. */
export type SandboxOutcome =
  | ({ readonly is: 'exited'; readonly code: number } & SandboxRecord)
  | ({ readonly is: 'stopped'; readonly by: SandboxStop; readonly signal: string } & SandboxRecord)
  | { readonly is: 'refused'; readonly rule: SandboxRefusalRule; readonly because: string; readonly next: string }

export type SandboxProbe =
  | { readonly is: 'ready'; readonly version: string }
  | { readonly is: 'missing'; readonly because: string; readonly next: string }

/** Runs commands of a repository where they can reach nothing but their scratch copy. There is one mode, and no weaker one. */
export type Sandbox = {
  readonly probe: () => Promise<SandboxProbe>
  readonly run: (request: SandboxRequest, signal?: AbortSignal) => Promise<SandboxOutcome>
}
