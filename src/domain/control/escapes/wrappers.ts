import { families } from './escape.ts'

/** Programs that run what their arguments say. */
const NAMES =
  'env xargs nice timeout nohup setsid stdbuf flock script watch strace parallel time ionice chrt taskset unbuffer expect ' +
  'busybox toybox sudo doas su runuser pkexec setpriv unshare chroot setarch dash ash bash sh zsh ksh csh tcsh fish exec eval ' +
  'command builtin source npx pnpx bunx uvx pipx rlwrap firejail bwrap fakeroot proot cpulimit prlimit numactl softlimit ' +
  'logsave choom coproc dbus-run-session ssh-agent systemd-inhibit xvfb-run cross-env dotenv direnv nsenter setuidgid chpst'

const FORMS = `
{run}
ls
npm test
-- {run}
sh -c {code}
-c {code}
-x {run}
A=b {run}
-S sh{_}-c{_}{code}
--split-string={run}
-i {run}
5 {run}
-n 5 {run}
-I{} {run} {}
-a {read} {run}
--arg-file={read} {run}
--command={run}
-u x {run}
-k 1 5 {run}
-o0 {run}
--rcfile {run} -i
--init-file {run} -i
-l {run}
-s
`

export const wrapperEscapes = families(
  NAMES.split(' ')
    .map((name) => `${name}: runs what its arguments say${FORMS}`)
    .join('\n'),
)
