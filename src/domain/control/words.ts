import { z } from 'zod'

/** A list that may not be changed once it is read. */
export function list<T extends z.ZodType>(item: T) {
  return z.array(item).readonly()
}

/** One word of an argv: text that `execve` can carry and a person can read. */
export const Argument = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => isPrintable(text), 'holds a control character, a hidden character or a lone surrogate')

/** A program's bare name: it is looked up on the sandbox's own PATH, never through a path of the repository. */
export const Program = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/, 'is not a bare program name')

/** Programs that run what their arguments say. They are denied by name: no policy may list them. */
const WRAPPERS = new Set(
  (
    'ash bash bunx busybox chroot csh dash doas env exec eval expect fish flock gdb ionice ksh less man more nice nohup ' +
    'npx osascript parallel perl pkexec pnpx rsync runuser script setarch setpriv setsid sh ssh stdbuf strace su sudo ' +
    'tcsh time timeout toybox unshare unbuffer watch xargs zsh awk gawk mawk nawk'
  ).split(' '),
)

/** A program that the repository itself brings, spelled exactly so: a relative path without `.` or `..` behind its start. */
export const CheckoutProgram = z
  .string()
  .max(300)
  .regex(
    /^(?:\.\/)?[A-Za-z0-9_.@][A-Za-z0-9_.@+-]*(?:\/[A-Za-z0-9_.@][A-Za-z0-9_.@+-]*)*$/,
    'is not a path of the checkout',
  )
  .refine((path) => path.includes('/'), 'has no slash')
  .refine(
    (path) =>
      !path
        .replace(/^\.\//, '')
        .split('/')
        .some((part) => /^\.+$/.test(part)),
    'has a part that is . or ..',
  )

/** Where installed dependencies live; a program in there comes with `prepare` and is no file of the repository. */
export const INSTALLED = /^(?:\.\/)?(?:.*\/)?(?:node_modules\/\.bin|vendor\/bin|\.?venv\/bin)\/[^/]+$/

export function isWrapper(program: string): boolean {
  return WRAPPERS.has(program.toLowerCase())
}

/** Names of variables that make a program load or run something else. No policy may let them through. */
const LOADING =
  /^(?:LD_|DYLD_|GIT_|NPM_|YARN_|PNPM_|NODE_(?!ENV$)|PYTHON|RUSTC|RUSTFLAGS|CARGO|GO|CGO|JAVA|JDK|PERL|RUBY|GEM|BUNDLE|BASH|TAR_|MAKE|MFLAGS|GREP_|LESS|SSH|GCONV|LOCPATH|NLSPATH|MALLOC|GLIBC|GITHUB_|RUNNER_|ACTIONS_|AGENTOS|HTTP_|HTTPS_|ALL_PROXY|NO_PROXY|SSL_|CURL|WGET|OPENSSL|PHP|LUA|JULIA|DOTNET|COMPLUS|COREPACK|DENO|BUN_|ELECTRON|GRADLE|MAVEN|MVN|SBT|DOCKER|KUBE|AWS_|XDG_|PIP_|UV_|POETRY|VIRTUAL_ENV|CONDA|PKG_CONFIG|LDFLAGS|CFLAGS|CPPFLAGS|CXXFLAGS|CPATH|C_INCLUDE|CPLUS_INCLUDE|LIBRARY_PATH|COMPILER_PATH|GCC_|CMAKE|RSYNC|RIPGREP|ZIP|UNZIP|GZIP|XZ_|ZSTD|GNUPG|NCURSES|INPUTRC|TOX_|COMPOSER|HOMEBREW|ESLINT|BABEL|MOCHA|JEST|VITEST|TS_NODE|ASAN|UBSAN|TSAN|LSAN|PS[0-9]|MAIL)/i
/** Names that say what they hold: a value of a policy is for everybody to read. */
const SECRET =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|APIKEY|API_KEY|PRIVATE|(?:^|_)(?:AUTH|KEY|PAT)(?:_|$)/
const LOADING_EXACTLY = new Set(
  'BROWSER CC CDPATH CXX EDITOR ENV FPATH HOME HOSTALIASES IFS MANPAGER OLDPWD PAGER PATH PROMPT_COMMAND PS4 PWD SHELL SHELLOPTS TERMINFO TMPDIR USER VISUAL ZDOTDIR'.split(
    ' ',
  ),
)

export const EnvironmentName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'is not the name of a variable in capitals')
  .refine(
    (name) => !LOADING.test(name) && !LOADING_EXACTLY.has(name),
    'names a variable that can load or redirect code',
  )
  .refine((name) => !SECRET.test(name), 'names a variable that holds a secret, which no command is given')

/** The value of a variable: plain text that is no absolute path and does not climb. */
export const PlainValue = z
  .string()
  .regex(/^(?!\/)(?!.*\.\.)[A-Za-z0-9_.,+@/-]{0,200}$/, 'is not plain text without an absolute or climbing path')

/** Where a command may connect to: a host by its name, or the registry that the runner's own package manager is set to. */
export const NetworkHost = z.union([
  z.literal('package-registry'),
  z
    .string()
    .max(253)
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/, 'is not a host name'),
])

/** A pattern over paths of the checkout: `*` within a segment, `**` across segments, `?` one character. */
export const Glob = z
  .string()
  .min(1)
  .max(512)
  .refine((text) => isPrintable(text), 'holds a control or hidden character')
  .refine(
    (text) => text.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
    'is not a relative pattern without empty, "." or ".." parts',
  )
  .refine((text) => !text.includes('\\'), 'has a backslash: only *, ** and ? have a meaning here')
  .refine((text) => text.split('/').every((part) => part === '**' || !part.includes('**')), 'has ** beside other text')

/** No control, bidirectional, zero-width or tag character, and no half of a surrogate pair. */
export function isPrintable(text: string): boolean {
  return (
    text.isWellFormed() &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u115F\u1160\u3164\uFFA0]/u.test(text)
  )
}
