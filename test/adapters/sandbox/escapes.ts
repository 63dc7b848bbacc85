import { absentCalls, forbiddenCalls, watchedCalls } from '../../../src/adapters/sandbox/syscalls.ts'
import type { SandboxLimits } from '../../../src/app/sandbox.ts'

/** What an attack finds outside: everything here belongs to the test. */
export type Arena = {
  readonly folder: string
  readonly victim: string
  readonly secret: string
  readonly holder: number
  readonly tcp: number
  readonly udp: number
  readonly abstract: string
  readonly socket: string
  /** A word in the command line of everything that the attack starts. */
  readonly mark: string
}

/** One way out: a command that prints ESCAPED where it got out, and what the sandbox must say instead. */
export type Escape = {
  readonly about: string
  readonly attack: (arena: Arena) => readonly string[]
  /** Where the bare attempt would reach beyond the test, it is made in namespaces of its own. */
  readonly around?: readonly string[]
  /** How the command must end inside, and what it must print there. */
  readonly ends?: string
  readonly says?: RegExp
  readonly limits?: Partial<SandboxLimits>
  readonly survivors?: number
  /** Not every kernel has this way at all. */
  readonly mayLack?: true
}

const column = process.arch === 'x64' ? 0 : 1
const numbers: Readonly<Record<string, readonly (number | null)[]>> = {
  ...forbiddenCalls,
  ...absentCalls,
  ...watchedCalls,
}

const perl = (program: string, ...words: readonly string[]): readonly string[] => ['perl', '-e', program, ...words]
const sh = (program: string): readonly string[] => ['sh', '-c', program]
const node = (program: string): readonly string[] => ['node', '-e', program]

/** Makes one system call; a child that it makes is ended at once. */
const call = (name: string, ...args: readonly (string | number)[]): readonly string[] => {
  const number = numbers[name]?.[column] ?? -1
  return perl(
    `my @a = (${args.join(', ')}); $! = 0; my $r = syscall(${number}, @a); my $e = $! + 0; exit 0 if $r == 0 && '${name}' =~ /^clone/; ` +
      `print $r >= 0 ? 'ESCAPED' : "errno $e"`,
  )
}
const apart = ['unshare', '--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', '--']
const EPERM = /^errno 1$/
const ENOSYS = /^errno 38$/
const CLOSED = /^errno (1|13|30)$/
const NO_FAMILY = /^errno 97$/

/** Opens without touching what is in there. */
const opening = (path: string): readonly string[] =>
  perl(`use Fcntl; my $f; print sysopen($f, '${path}', O_WRONLY) ? 'ESCAPED' : 'errno ' . ($! + 0)`)
const writing = (path: string): readonly string[] =>
  perl(`my $f; print open($f, '>', '${path}') && print($f 'x') && close($f) ? 'ESCAPED' : 'errno ' . ($! + 0)`)
const reading = (path: string): readonly string[] =>
  perl(`my $f; print open($f, '<', '${path}') && sysread($f, my $x, 1) ? 'ESCAPED' : 'errno ' . ($! + 0)`)
const connecting = (to: string): readonly string[] =>
  node(
    `const s = require('net').connect(${to}); s.on('connect', () => { console.log('ESCAPED'); s.destroy() }); s.on('error', (e) => console.log(e.code))`,
  )
const socket = (family: number, type: number, protocol: number): readonly string[] =>
  call('socket', family, type, protocol)

const network: readonly Escape[] = [
  { about: 'TCP to the loopback', attack: ({ tcp }) => connecting(`${tcp}, '127.0.0.1'`), says: /^ECONNREFUSED/ },
  {
    about: 'UDP to the loopback, as a name server is asked',
    attack: ({ udp }) =>
      perl(
        `require Socket; socket(my $s, 2, 2, 0); connect($s, Socket::pack_sockaddr_in(${udp}, Socket::inet_aton('127.0.0.1'))); send($s, 'x', 0);` +
          `$! = 0; print defined recv($s, my $answer, 9, 0) ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: /^errno 111$/,
  },
  { about: 'the resolver of the machine', attack: () => reading('/etc/resolv.conf'), says: /^errno 2$/ },
  {
    about: 'an interface that leads out',
    attack: () => sh('grep -vq "lo:" /proc/net/dev && tail -n +3 /proc/net/dev | grep -vq "lo:" && echo ESCAPED; true'),
    says: /^$/,
  },
  {
    about: 'an abstract socket',
    attack: ({ abstract }) => connecting(JSON.stringify(abstract)),
    says: /^ECONNREFUSED/,
  },
  { about: 'a socket file', attack: ({ socket: path }) => connecting(JSON.stringify(path)), says: /^ENOENT/ },
  { about: 'raw packets', attack: () => socket(2, 3, 1), says: EPERM },
  { about: 'raw packets of the newer kind', attack: () => socket(10, 3, 58), says: EPERM },
  { about: 'frames of the link', attack: () => socket(17, 3, 768), says: NO_FAMILY },
  { about: 'netlink to the audit', attack: () => socket(16, 3, 9), says: NO_FAMILY },
  { about: 'netlink to the devices', attack: () => socket(16, 3, 15), says: NO_FAMILY },
  { about: 'the crypto of the kernel', mayLack: true, attack: () => socket(38, 5, 0), says: NO_FAMILY },
  { about: 'the machine that hosts this one', mayLack: true, attack: () => socket(40, 1, 0), says: NO_FAMILY },
]

const processes: readonly Escape[] = [
  {
    about: 'the environment of another process',
    attack: ({ secret }) => sh(`grep -qs ${secret} /proc/[0-9]*/environ && echo ESCAPED; true`),
    says: /^$/,
  },
  { about: 'the memory of another process', attack: ({ holder }) => opening(`/proc/${holder}/mem`), says: /^errno 2$/ },
  {
    about: 'the root of another process',
    attack: ({ holder, victim }) => reading(`/proc/${holder}/root${victim}`),
    says: /^errno 2$/,
  },
  {
    about: 'a signal to another process',
    attack: ({ holder }) => perl(`print kill(0, ${holder}) ? 'ESCAPED' : 'errno ' . ($! + 0)`),
    says: /^errno 3$/,
  },
  {
    about: 'tracing a process',
    attack: () =>
      perl(
        `my $p = fork; if (!$p) { sleep 20; exit } $! = 0; my $r = syscall(${numbers['ptrace']?.[column]}, 16, $p, 0, 0); print $r == 0 ? 'ESCAPED' : 'errno ' . ($! + 0); kill 9, $p; waitpid $p, 0`,
      ),
    says: EPERM,
  },
  {
    about: 'reading another process by a call',
    attack: () =>
      perl(
        `my $x = 'secret'; my $a = unpack('Q', pack('p', $x)); my $b = "\\0" x 6; my $l = pack('QQ', unpack('Q', pack('p', $b)), 6); my $m = pack('QQ', $a, 6);` +
          `$! = 0; my $r = syscall(${numbers['process_vm_readv']?.[column]}, $$ + 0, $l, 1, $m, 1, 0); print $r == 6 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  { about: 'comparing what processes share', attack: () => call('kcmp', '$$ + 0', '$$ + 0', 0, 0, 0), says: EPERM },
  { about: 'settings of the kernel', attack: () => opening('/proc/sys/kernel/hostname'), says: CLOSED },
  { about: 'the panic button', mayLack: true, attack: () => opening('/proc/sysrq-trigger'), says: CLOSED },
  { about: 'the memory of the kernel', mayLack: true, attack: () => reading('/proc/kcore'), says: /^errno (1|2|13)$/ },
  {
    about: 'who may be killed when memory ends',
    mayLack: true,
    attack: () =>
      perl(
        `my $f; print open($f, '>', '/proc/self/oom_score_adj') && syswrite($f, '-1000') ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: CLOSED,
  },
]

const zeros = (length: number): string => `"\\0" x ${length}`

const kernel: readonly Escape[] = [
  {
    about: 'a mount',
    attack: ({ folder }) => call('mount', `'none'`, `'${folder}'`, `'tmpfs'`, 0, 0),
    around: apart,
    says: EPERM,
  },
  { about: 'a mount by the newer calls', attack: () => call('fsopen', `'tmpfs'`, 0), says: EPERM },
  { about: 'a copy of a mount', attack: () => call('open_tree', -100, `'/'`, 1), around: apart, says: EPERM },
  { about: 'a new root', attack: () => call('chroot', `'/'`), says: EPERM },
  { about: 'namespaces by unshare', attack: () => call('unshare', 0x04000000), says: EPERM },
  { about: 'a user namespace by unshare', attack: () => call('unshare', 0x10000000), says: EPERM },
  {
    about: 'a user namespace by clone',
    attack: () =>
      perl(
        `$! = 0; my $r = syscall(${numbers['clone']?.[column]}, 0x10000011, 0, 0, 0, 0); exit 0 if $r == 0; print $r > 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  {
    about: 'a user namespace by clone3',
    attack: () =>
      perl(
        `my $a = pack('Q11', 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0); $! = 0; my $r = syscall(${numbers['clone3']?.[column]}, $a, 88); exit 0 if $r == 0; print $r > 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: ENOSYS,
  },
  {
    about: 'the namespace of another process',
    attack: () =>
      perl(
        `open(my $f, '<', '/proc/self/ns/uts') or die; $! = 0; my $r = syscall(${numbers['setns']?.[column]}, fileno $f, 0); print $r == 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  {
    about: 'another name for the machine',
    attack: () => call('sethostname', `'other'`, 5),
    around: apart,
    says: EPERM,
  },
  {
    about: 'BPF',
    mayLack: true,
    attack: () =>
      perl(
        `my $a = pack('L6', 2, 4, 4, 1, 0, 0) . ${zeros(100)}; $! = 0; my $r = syscall(${numbers['bpf']?.[column]}, 0, $a, 72); print $r >= 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  {
    about: 'performance counters',
    mayLack: true,
    attack: () =>
      perl(
        `my $a = pack('LLQ', 1, 128, 0) . ${zeros(112)}; $! = 0; my $r = syscall(${numbers['perf_event_open']?.[column]}, $a, 0, -1, -1, 0); print $r >= 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  { about: 'keys of the kernel', attack: () => call('keyctl', 0, -3, 1), says: EPERM },
  {
    about: 'a key for the kernel',
    attack: () => call('add_key', `'user'`, `'agentos-test'`, `'x'`, 1, -2),
    says: EPERM,
  },
  {
    about: 'io_uring',
    mayLack: true,
    attack: () =>
      perl(
        `my $p = ${zeros(120)}; $! = 0; my $r = syscall(${numbers['io_uring_setup']?.[column]}, 1, $p); print $r >= 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: ENOSYS,
  },
  { about: 'page faults in our own hands', mayLack: true, attack: () => call('userfaultfd', 0), says: EPERM },
  { about: 'another kernel', mayLack: true, attack: () => call('kexec_load', 0, 0, 0, 0), around: apart, says: EPERM },
  { about: 'events of every file', attack: () => call('fanotify_init', 0, 0), says: EPERM },
  {
    about: 'a file by its handle',
    attack: () =>
      perl(
        `my $d = '/'; my $h = pack('Ll', 128, 0) . ${zeros(128)}; my $m = ${zeros(4)}; $! = 0; my $r = syscall(${numbers['name_to_handle_at']?.[column]}, -100, $d, $h, $m, 0); print $r == 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  { about: 'the log of the kernel', attack: () => call('syslog', 10, 0, 0), says: EPERM },
  {
    about: 'the clock',
    attack: () =>
      perl(
        `my $t = ${zeros(208)}; $! = 0; my $r = syscall(${numbers['adjtimex']?.[column]}, $t); print $r >= 0 ? 'ESCAPED' : 'errno ' . ($! + 0)`,
      ),
    says: EPERM,
  },
  { about: 'a fixed layout of memory', attack: () => call('personality', 0x0040000), says: EPERM },
  { about: 'memory that no process shows', attack: () => call('memfd_create', `'x'`, 0), says: ENOSYS },
  {
    about: 'a large segment that no process shows',
    attack: () => call('shmget', 0, 64 * 2 ** 20, 0o600),
    around: apart,
    says: EPERM,
  },
  {
    about: 'words into the terminal',
    mayLack: true,
    attack: () => [
      'script',
      '-qec',
      `perl -e 'my $c = "x"; print ioctl(STDIN, 0x5412, $c) ? "ESCAPED" : "errno " . ($! + 0)'`,
      '/dev/null',
    ],
    says: EPERM,
  },
  {
    about: 'a device',
    attack: ({ folder }) => sh(`cd ${folder} 2>/dev/null || cd /tmp; mknod device c 1 1 && echo ESCAPED; true`),
    says: /^$/,
  },
  { about: 'another owner', attack: () => sh('touch mine; chown 1:1 mine && echo ESCAPED; true'), says: /^$/ },
  {
    about: 'a capability',
    attack: () => sh('grep -q "^CapEff:.*[1-9a-f]" /proc/self/status && echo ESCAPED; true'),
    says: /^$/,
  },
  {
    about: 'a setuid program',
    attack: ({ folder }) =>
      sh(
        `setpriv --reuid=65534 --regid=65534 --clear-groups ${folder}/setuid-id -u | grep -qx 0 && echo ESCAPED; true`,
      ),
    says: /^$/,
  },
]

const files: readonly Escape[] = [
  { about: 'a file by its absolute path', attack: ({ victim }) => writing(victim), says: /^errno 2$/ },
  {
    about: 'a file by a climbing path',
    attack: ({ victim }) => writing(`../../../../../../..${victim}`),
    says: /^errno 2$/,
  },
  {
    about: 'a file by a link',
    attack: ({ victim }) => sh(`ln -s ${victim} link; echo x > link && echo ESCAPED; true`),
    says: /^$/,
  },
  {
    about: 'a file by another name of it',
    attack: ({ victim }) => sh(`ln ${victim} name && echo x > name && echo ESCAPED; true`),
    says: /^$/,
  },
  {
    about: 'a file through another process’s folder',
    attack: ({ holder }) => writing(`/proc/${holder}/cwd/victim`),
    says: /^errno 2$/,
  },
  { about: 'the system’s programs', attack: () => opening('/usr/bin/true'), says: /^errno (13|30)$/ },
  { about: 'the accounts', attack: () => opening('/etc/passwd'), says: /^errno (13|30)$/ },
  { about: 'the shadow of the accounts', attack: () => reading('/etc/shadow'), says: /^errno 2$/ },
  { about: 'disks', attack: () => sh('ls /sys/block >/dev/null 2>&1 && echo ESCAPED; true'), says: /^$/ },
  {
    about: 'secrets of the caller',
    attack: ({ secret }) => sh(`env | grep -q ${secret} && echo ESCAPED; true`),
    says: /^$/,
  },
  ...['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].map((name) => ({
    about: `the file behind ${name}`,
    attack: () => sh(`[ -n "$${name}" ] && echo X=1 >> "$${name}" && echo ESCAPED; true`),
    says: /^$/,
  })),
]

const MIB = 2 ** 20
const survivor = `$SIG{TERM} = $SIG{HUP} = $SIG{INT} = 'IGNORE'; sleep 600`

const floods: readonly Escape[] = [
  {
    about: 'many processes',
    attack: ({ mark }) =>
      perl(
        `my $n = 0; for (1 .. 200) { my $p = fork; last unless defined $p; if (!$p) { sleep 600; exit } $n++ } print $n == 200 ? 'ESCAPED' : 'fewer'`,
        mark,
      ),
    limits: { processes: 50 },
    says: /^fewer$/,
    survivors: 48,
  },
  {
    about: 'much memory',
    attack: () => perl(`my $x = 'x' x (400 * 2 ** 20); print 'ESCAPED'; close STDOUT; sleep 5`),
    limits: { memoryBytes: 200 * MIB },
    ends: 'stopped by memory',
    says: /^$|ESCAPED/,
  },
  {
    about: 'a flood on stdout',
    attack: () => sh('yes "::error::forged" | head -c 3000000; echo ESCAPED'),
    limits: { outputBytes: 100_000 },
    ends: 'stopped by output',
  },
  {
    about: 'a flood on stderr without a line',
    attack: () => sh('head -c 3000000 /dev/zero >&2; echo ESCAPED'),
    limits: { outputBytes: 100_000 },
    ends: 'stopped by output',
    says: /^(ESCAPED)?$/,
  },
  {
    about: 'a burning processor',
    attack: () => perl(`1 while (times)[0] < 2.5; print 'ESCAPED'`),
    limits: { cpuSeconds: 1 },
    ends: 'stopped by cpu',
    says: /^$/,
  },
  {
    about: 'a long wait',
    attack: () => sh('sleep 3; echo ESCAPED'),
    limits: { wallMs: 700 },
    ends: 'stopped by wall-time',
    says: /^$/,
  },
  {
    about: 'one large file',
    attack: () => sh('head -c 6000000 /dev/zero > large && echo ESCAPED'),
    limits: { fileBytes: MIB },
    ends: 'exit 153',
    says: /^$/,
  },
  {
    about: 'many files that are large together',
    attack: () => sh('for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero > large$i; done; echo ESCAPED'),
    limits: { diskBytes: 2 * MIB },
    ends: 'stopped by disk',
    says: /^(ESCAPED)?$/,
  },
  {
    about: 'a hole in a file',
    attack: () => sh('truncate -s 50000000 hole && echo ESCAPED'),
    limits: { diskBytes: 2 * MIB },
    ends: 'stopped by disk',
    says: /^(ESCAPED)?$/,
  },
  {
    about: 'many empty files',
    attack: () => perl(`for (1 .. 3000) { open(my $f, '>', "f$_") or die } print 'ESCAPED'`),
    limits: { files: 1000 },
    ends: 'stopped by files',
    says: /^(ESCAPED)?$/,
  },
  {
    about: 'many folders',
    attack: () =>
      perl(`for (1 .. 300) { mkdir 'deep' or die; chdir 'deep' or die; mkdir $_ for 1 .. 9 } print 'ESCAPED'`),
    limits: { files: 1000 },
    ends: 'stopped by files',
    says: /^(ESCAPED)?$/,
  },
  {
    about: 'private folders filled',
    attack: () =>
      sh(
        'for f in /tmp /dev/shm; do head -c 3000000 /dev/zero > $f/agentos-fill-$$; done; echo ESCAPED; sleep 1; rm /tmp/agentos-fill-$$ /dev/shm/agentos-fill-$$',
      ),
    limits: { diskBytes: 2 * MIB },
    ends: 'stopped by disk',
  },
]

const survivors: readonly Escape[] = [
  {
    about: 'a process in the background',
    attack: ({ mark }) => perl(`if (!fork) { ${survivor} } print 'ESCAPED'`, mark),
    survivors: 1,
  },
  {
    about: 'a session of its own, forked twice',
    attack: ({ mark }) =>
      perl(
        `use POSIX; if (!fork) { POSIX::setsid(); if (!fork) { close $_ for *STDIN, *STDOUT, *STDERR; ${survivor} } exit } wait; print 'ESCAPED'`,
        mark,
      ),
    survivors: 1,
  },
  {
    about: 'nohup',
    attack: ({ mark }) => sh(`nohup perl -e '${survivor.replaceAll("'", '"')}' ${mark} >/dev/null 2>&1 & echo ESCAPED`),
    survivors: 1,
  },
]

export const escapes = { network, processes, kernel, files, floods, survivors } as const
