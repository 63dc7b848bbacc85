import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { SandboxRequest } from '../../app/sandbox.ts'
import { privateFolders } from './disk.ts'
import { PROXY } from './forwarder.ts'
import { type Mount, type PathEntry, systemPath } from './toolchain.ts'

const KIB = 1024
const HOME = '/home/sandbox'

/** The descriptors a sandbox is started with; the numbers are those of the child. */
export const fd = { options: 3, placement: 4, status: 5, orders: 6, seccomp: 7, starter: 8, files: 9 } as const

/** Everything that a command can see and is told, before it starts. */
export type View = {
  readonly toolchain: readonly Mount[]
  readonly request: SandboxRequest
  /** The folder of the proxy's socket, where the request names hosts. */
  readonly proxyFolder: string | null
  readonly registry: string | null
}

/** `bwrap`'s options. They go through a descriptor, so that no process list shows them. */
export function bubblewrapOptions({ toolchain, request, proxyFolder }: View): readonly string[] {
  const { memoryBytes } = request.limits
  const options = [
    '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup --unshare-net --disable-userns',
    '--uid 1000 --gid 1000 --as-pid-1',
    '--hostname sandbox',
    '--die-with-parent --new-session --clearenv --cap-drop ALL',
    `--seccomp ${fd.seccomp} --info-fd ${fd.placement}`,
  ]
  return [
    ...words(options.join(' ')),
    ...systemMounts(),
    ...configuration(),
    ...words('--proc /proc --dev /dev'),
    ...privateFolders.flatMap((folder) => privateFolder(folder, memoryBytes)),
    ...words('--remount-ro /dev'),
    ...toolchain.flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    ...(proxyFolder === null ? [] : ['--ro-bind', proxyFolder, PROXY.folder]),
    '--bind',
    request.checkout,
    '/work',
    '--chdir',
    posix.join('/work', request.cwd),
    ...words('--remount-ro /'),
  ]
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

/** Rounded up to whole pages, because a memory file system takes no others. */
function privateFolder(path: string, bytes: number): readonly string[] {
  return ['--size', `${Math.ceil(bytes / (4 * KIB)) * 4 * KIB}`, '--tmpfs', path]
}

/** The system's own programs, with the links at the root as the machine has them. */
function systemMounts(): readonly string[] {
  const roots = ['/bin', '/sbin', '/lib', '/lib64', '/lib32', '/libx32'].filter((path) => existsSync(path))
  const shown = roots.flatMap((path) =>
    lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path],
  )
  return ['--ro-bind', '/usr', '/usr', ...shown]
}

const machineFiles = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/alternatives',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust/extracted',
  '/etc/ca-certificates',
]

/** The few files of /etc that programs need. Accounts, names and hosts are made here, not the machine's. */
function configuration(): readonly string[] {
  return [
    ...machineFiles.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', realpathSync(path), path]),
    ...generatedFiles.flatMap(({ path }, index) => ['--perms', '0444', '--ro-bind-data', `${fd.files + index}`, path]),
  ]
}

/** The files whose text is handed over through descriptors, in the order of those descriptors. */
export const generatedFiles: readonly { readonly path: string; readonly text: string }[] = [
  { path: '/etc/passwd', text: `root:x:0:0::/:/bin/sh\nsandbox:x:1000:1000::${HOME}:/bin/sh\n` },
  { path: '/etc/group', text: 'root:x:0:\nsandbox:x:1000:\n' },
  { path: '/etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nhosts: files\n' },
  { path: '/etc/hosts', text: '127.0.0.1 localhost sandbox\n::1 localhost sandbox\n' },
]

/** Folders in the order of the command's PATH. */
export function pathEntries(toolchain: readonly Mount[]): readonly PathEntry[] {
  const own = toolchain
    .flatMap(({ host, inside }) =>
      ['bin', ''].map((folder) => ({ host: join(host, folder), inside: join(inside, folder) })),
    )
    .filter(({ host }) => existsSync(host))
  return [...own, ...systemPath.map((folder) => ({ host: folder, inside: folder }))]
}

const proxied = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'npm_config_proxy', 'npm_config_https_proxy']
const unproxied = ['NO_PROXY', 'no_proxy', 'npm_config_noproxy']

/** Names that a request may not set, because the sandbox does. */
export const ownNames: readonly string[] = [
  'PATH',
  'HOME',
  'TMPDIR',
  'PWD',
  'NODE_USE_ENV_PROXY',
  'npm_config_registry',
  ...proxied,
  ...unproxied,
]

/** What programs look at to find the way out. */
function proxyNames({ request: { network }, registry }: View): Readonly<Record<string, string>> {
  if (network === 'none') return {}
  return Object.fromEntries([
    ...proxied.map((name) => [name, `http://127.0.0.1:${PROXY.port}`]),
    ...unproxied.map((name) => [name, 'localhost,127.0.0.1,::1']),
    ['NODE_USE_ENV_PROXY', '1'],
    ...(registry === null ? [] : [['npm_config_registry', withoutSecrets(registry)]]),
  ])
}

function withoutSecrets(registry: string): string {
  const { origin, pathname } = new URL(registry)
  return origin + pathname
}

/** The whole environment of the command, sorted by name. LANG, TZ and CI have defaults that a request may replace. */
export function environment(view: View): readonly (readonly [string, string])[] {
  const { toolchain, request } = view
  const path = pathEntries(toolchain)
    .map(({ inside }) => inside)
    .join(':')
  const all = {
    CI: 'true',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...request.env,
    ...proxyNames(view),
    PATH: path,
    HOME,
    TMPDIR: '/tmp',
  }
  return Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))
}
