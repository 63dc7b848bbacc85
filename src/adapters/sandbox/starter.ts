import { readFileSync } from 'node:fs'
import type { SandboxRequest } from '../../app/sandbox.ts'
import type { Program } from './binary.ts'
import { forwarder } from './forwarder.ts'
import type { Machine } from './syscalls.ts'
import { environment, fd, type View } from './view.ts'

/**
 * The first process inside, which every orphan falls to. A shell and bwrap both fold signals into exit codes, so this one
 * reports the true status, and how many processes the command left, on a descriptor that the command does not inherit. It
 * waits for its orders, so that the sandbox is known outside before anything of the command runs, and sets the limits on
 * itself before it starts anything.
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
close $orders;
my $prlimit = shift(@words) + 0;
for (1 .. shift @words) {
  my $resource = shift(@words) + 0;
  my $limit = pack('QQ', splice(@words, 0, 2));
  syscall($prlimit, 0, $resource, $limit, 0) == 0 or exit 125;
}
%ENV = ();
for (1 .. shift @words) { my $name = shift @words; $ENV{$name} = shift @words }
my $own = 1;
if (shift @words) { forward(); $own = 2 }
my $start = shift @words;
my $child = fork;
if (defined $child and $child == 0) {
  exec { $start } @words;
  syswrite($status, 'unstarted ' . ($! + 0) . " 0\\n");
  kill 9, $$;
}
if (!defined $child) { syswrite($status, 'unstarted ' . ($! + 0) . " 0\\n"); exit 0 }
1 until wait == $child;
my ($code, $signal) = ($? >> 8, $? & 127);
1 while waitpid(-1, 1) > 0;
opendir(my $processes, '/proc') or exit 125;
my $left = (grep { /^\\d+$/ } readdir $processes) - $own;
syswrite($status, $signal ? "signal $signal $left\\n" : "exit $code $left\\n");
`

/** What bwrap starts. */
export function starterArgv({ network }: SandboxRequest): readonly string[] {
  return ['/usr/bin/perl', '-e', network === 'none' ? program : forwarder + program]
}

/** Room for what a process maps beyond what it touches; the memory limit itself is watched from outside. */
const DATA_SLACK = 1024 ** 3

const PRLIMIT64: Readonly<Record<Machine, number>> = { x64: 302, arm64: 261 }

type ResourceLimit = readonly [resource: number, soft: number, hard: number]

function resourceLimits({ limits }: SandboxRequest): readonly ResourceLimit[] {
  const own = readFileSync('/proc/self/limits', 'utf8')
  const upTo = (name: string, soft: number, hard = soft) => [most(own, name, soft), most(own, name, hard)] as const
  return [
    [0, ...upTo('Max cpu time', limits.cpuSeconds, limits.cpuSeconds + 1)],
    [1, ...upTo('Max file size', limits.fileBytes)],
    [2, ...upTo('Max data size', limits.memoryBytes + DATA_SLACK)],
    [4, 0, 0],
    [6, ...upTo('Max processes', limits.processes)],
  ]
}

/** The wanted limit, or this process's own hard one where that is lower and could not be raised. */
function most(own: string, name: string, wanted: number): number {
  const line = own.split('\n').find((text) => text.startsWith(`${name} `))
  const hard = /(\d+)\s+\w+\s*$/.exec(line ?? '')?.[1]
  return hard === undefined ? wanted : Math.min(wanted, Number(hard))
}

/** The orders: limits, environment, whether to forward, file and argv, ended by a word that a cut-off message lacks. */
export function startOrders(machine: Machine, view: View, { start }: Program): Buffer {
  const { request } = view
  const limits = resourceLimits(request)
  const variables = environment(view)
  const words = [
    PRLIMIT64[machine],
    limits.length,
    ...limits.flat(),
    variables.length,
    ...variables.flat(),
    request.network === 'none' ? 0 : 1,
    start,
    ...request.argv,
    'go',
  ]
  return Buffer.from(words.join('\0'))
}

/** What the starter said: `not-ready` when it never was, so that nothing of the command ran. */
export type Report =
  | { readonly is: 'exit' | 'signal' | 'unstarted'; readonly number: number; readonly survivors: number }
  | { readonly is: 'killed' }
  | { readonly is: 'not-ready' }

/** The first word on the end counts: a command that could not be started ends by a signal of its own. */
export function parseReport(text: string): Report {
  const match = /^ready\n(exit|signal|unstarted) (\d{1,5}) (\d{1,9})\n/.exec(text)
  if (match === null) return { is: text.startsWith('ready\n') ? 'killed' : 'not-ready' }
  const [, is, number, survivors] = match
  return {
    is: is === 'exit' || is === 'signal' ? is : 'unstarted',
    number: Number(number),
    survivors: Number(survivors),
  }
}
