import { readFileSync } from 'node:fs'
import type { SandboxRequest } from '../../app/sandbox.ts'
import type { Program } from './binary.ts'
import { environment, fd, type View } from './view.ts'

/**
 * The first program inside. A shell and bwrap both fold signals into exit codes, so this one reports the true status on a
 * descriptor that the command does not inherit. It waits for its orders, so that the sandbox is known outside before
 * anything of the command runs.
 */
const program = `
open(my $status, '>&=', ${fd.status}) or exit 125;
open(my $orders, '<&=', ${fd.orders}) or exit 125;
fcntl($_, 2, 1) or exit 125 for $status, $orders;
opendir(my $open, '/proc/self/fd') or exit 125;
for (grep { /^\\d+$/ and $_ > 2 and $_ != ${fd.status} and $_ != ${fd.orders} and $_ != fileno($open) } readdir $open) {
  if (open(my $stray, '<&=', $_)) { close $stray }
}
closedir $open;
syswrite($status, "ready\\n");
my @words = split /\\0/, do { local $/; <$orders> }, -1;
exit 125 unless @words and pop(@words) eq 'go';
%ENV = ();
for (1 .. shift @words) { my $name = shift @words; $ENV{$name} = shift @words }
my $start = shift @words;
my $result = system { $start } @words;
my $signal = $result & 127;
syswrite($status, $result == -1 ? 'unstarted ' . ($! + 0) . "\\n" : $signal ? "signal $signal\\n" : 'exit ' . ($result >> 8) . "\\n");
`

/** Room for what a process maps beyond what it touches; the memory limit itself is watched from outside. */
const DATA_SLACK = 1024 ** 3

/** What bwrap starts: limits first, so that they hold for everything after. */
export function starterArgv({ limits }: SandboxRequest): readonly string[] {
  return [
    '/usr/bin/prlimit',
    `--cpu=${most('Max cpu time', limits.cpuSeconds)}:${most('Max cpu time', limits.cpuSeconds + 1)}`,
    `--fsize=${most('Max file size', limits.fileBytes)}`,
    `--nproc=${most('Max processes', limits.processes)}`,
    `--data=${most('Max data size', limits.memoryBytes + DATA_SLACK)}`,
    '--core=0',
    '--',
    '/usr/bin/perl',
    '-e',
    program,
  ]
}

/** The wanted limit, or this process's own hard one where that is lower and could not be raised. */
function most(name: string, wanted: number): number {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name} `))
  const hard = /(\d+)\s+\w+\s*$/.exec(line ?? '')?.[1]
  return hard === undefined ? wanted : Math.min(wanted, Number(hard))
}

/** The orders: environment, file and argv, ended by a word that a cut-off message lacks. */
export function startOrders(view: View, { start }: Program): Buffer {
  const variables = environment(view)
  const words = [`${variables.length}`, ...variables.flat(), start, ...view.request.argv, 'go']
  return Buffer.from(words.join('\0'))
}

/** What the starter said: null when it was never ready, so that nothing of the command ran. */
export type Report =
  | { readonly is: 'exit' | 'signal' | 'unstarted'; readonly number: number }
  | { readonly is: 'killed' }
  | { readonly is: 'not-ready' }

export function parseReport(text: string): Report {
  const match = /^ready\n(exit|signal|unstarted) (\d{1,5})\n$/.exec(text)
  if (match === null) return { is: text.startsWith('ready\n') ? 'killed' : 'not-ready' }
  const [, is, number] = match
  return { is: is === 'exit' || is === 'signal' ? is : 'unstarted', number: Number(number) }
}
