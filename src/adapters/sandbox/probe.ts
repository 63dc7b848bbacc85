import type { SandboxOutcome, SandboxProbe } from '../../app/sandbox.ts'

/** What the probe starts inside: it prints what a command can see, in parts between lines of its own. */
export const probeScript = [
  'env',
  'echo --status',
  'cat /proc/self/status',
  'echo --network',
  'cat /proc/net/dev',
  'echo --root',
  'ls -A /',
].join('; ')

/** Judges what the probe printed; whatever is not exactly as it must be means that there is no sandbox. */
export function judgeProbe(outcome: SandboxOutcome, version: string): SandboxProbe {
  const fault = faultIn(outcome)
  if (fault === null) return { is: 'ready', version }
  return {
    is: 'missing',
    because: fault,
    next: 'Run `npm run -s agentos -- doctor`, or use a machine that allows user namespaces.',
  }
}

function faultIn(outcome: SandboxOutcome): string | null {
  if (outcome.is === 'refused') return outcome.because
  if (outcome.is === 'stopped') return `a trial command was stopped by ${outcome.by}`
  if (outcome.code !== 0) return `a trial command ended with ${outcome.code}`
  return faultInText(Buffer.from(outcome.stdout).toString('utf8'))
}

function faultInText(text: string): string | null {
  const [env = '', status = '', network = '', root = ''] = text.split(/^--\w+\n/m)
  return environmentFault(env) ?? statusFault(status) ?? networkFault(network) ?? rootFault(root)
}

/** The shell that runs the probe adds PWD. */
const ownVariables: readonly string[] = ['CI', 'HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR', 'TZ']

function environmentFault(env: string): string | null {
  const names = new Set(env.split('\n').flatMap((line) => (line === '' ? [] : line.split('=', 1))))
  const strange = [...names].find((name) => !ownVariables.includes(name))
  if (strange !== undefined) return `a trial command saw the variable ${strange}`
  const absent = ownVariables.find((name) => name !== 'PWD' && !names.has(name))
  return absent === undefined ? null : `a trial command did not see the variable ${absent}`
}

const confined = [
  [/^CapEff:\t0+$/m, 'had capabilities'],
  [/^CapBnd:\t0+$/m, 'could gain capabilities'],
  [/^NoNewPrivs:\t1$/m, 'could gain privileges'],
  [/^Seccomp:\t2$/m, 'was not under the system call filter'],
] as const

function statusFault(status: string): string | null {
  const broken = confined.find(([expected]) => !expected.test(status))
  return broken === undefined ? null : `a trial command ${broken[1]}`
}

function networkFault(network: string): string | null {
  const names = [...network.matchAll(/^\s*([^\s:|]+):/gm)].map(([, name]) => name)
  return names.join(' ') === 'lo' ? null : 'a trial command saw the network'
}

const rootNames = new Set([
  'bin',
  'dev',
  'etc',
  'home',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'opt',
  'proc',
  'sbin',
  'tmp',
  'usr',
  'work',
])

function rootFault(root: string): string | null {
  const strange = root
    .trim()
    .split('\n')
    .find((name) => !rootNames.has(name))
  return strange === undefined ? null : `a trial command saw /${strange}`
}
