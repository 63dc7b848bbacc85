import { isLonger } from './bytes.ts'
import { MAX_PATH_BYTES } from './edit.ts'
import type { Fault, HygieneRule } from './fault.ts'
import { ASCII, foldCase } from './fold-path.ts'
import { hiddenIn, showText } from './hidden-text.ts'

type PathRule = {
  readonly rule: HygieneRule
  readonly isBroken: (path: string, parts: readonly string[]) => boolean
  readonly because: string
}

const MAX_PART_BYTES = 255

const PATH_RULES: readonly PathRule[] = [
  { rule: 'path-empty', isBroken: (path) => path === '', because: 'a path is empty' },
  {
    rule: 'path-not-unicode',
    isBroken: (path) => !path.isWellFormed(),
    because: 'holds half of a surrogate pair, which no file name can carry',
  },
  { rule: 'path-absolute', isBroken: (path) => /^[\\/]/.test(path), because: 'is absolute' },
  { rule: 'path-drive-letter', isBroken: (path) => /^[A-Za-z]:/.test(path), because: 'begins with a drive letter' },
  {
    rule: 'path-climbs',
    isBroken: (_, parts) => parts.some((part) => /^[. ]+$/.test(part)),
    because: 'has a part of dots only, which climbs out or stays',
  },
  {
    rule: 'path-empty-part',
    isBroken: (path) => path !== '' && path.split('/').includes(''),
    because: 'has an empty part',
  },
  { rule: 'path-backslash', isBroken: (path) => path.includes('\\'), because: 'holds a backslash' },
  {
    rule: 'path-control',
    isBroken: (path) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(path),
    because: 'holds a control character or a line break',
  },
  { rule: 'path-hidden-text', isBroken: (path) => hiddenIn(path).length > 0, because: 'holds hidden characters' },
  {
    rule: 'path-too-long',
    isBroken: (path, parts) => isLonger(path, MAX_PATH_BYTES) || parts.some((part) => isLonger(part, MAX_PART_BYTES)),
    because: `is longer than ${MAX_PATH_BYTES} bytes, or one part than ${MAX_PART_BYTES}`,
  },
  { rule: 'path-git-folder', isBroken: (_, parts) => parts.some(isGitFolder), because: 'leads into .git' },
  {
    rule: 'path-git-file',
    isBroken: (_, parts) => parts.some(isDisguisedGitFile),
    because: "is another spelling of one of git's own files",
  },
  {
    rule: 'path-device-name',
    isBroken: (_, parts) => parts.some(isDeviceName),
    because: 'names a device on Windows',
  },
]

/** Everything that speaks against a path as such, whatever tree it is in. */
export function judgePath(path: string): readonly Fault[] {
  const parts = path.split(/[/\\]/)
  return PATH_RULES.filter(({ isBroken }) => isBroken(path, parts)).map(({ rule, because }) => ({
    rule,
    path,
    because: `"${showText(path)}" ${because}`,
  }))
}

/** Rules about other systems and other eyes: a path that is there already may still be read, mended or removed. */
const ONLY_FOR_NEW_PATHS: ReadonlySet<HygieneRule> = new Set(['path-backslash', 'path-device-name', 'path-hidden-text'])

/** What speaks against a path even where the base already has it. */
export function judgeExistingPath(path: string): readonly Fault[] {
  return judgePath(path).filter(({ rule }) => !ONLY_FOR_NEW_PATHS.has(rule))
}

/** Names that mean another place than the one they stand for. Any other odd name of a base is only a name on disk. */
const ELSEWHERE_ON_DISK: ReadonlySet<HygieneRule> = new Set([
  'path-empty',
  'path-not-unicode',
  'path-absolute',
  'path-climbs',
  'path-empty-part',
  'path-too-long',
  'path-git-folder',
])

/** What keeps a path that the base has from being written to disk. */
export function judgeWrittenPath(path: string): readonly Fault[] {
  return judgePath(path).filter(({ rule }) => ELSEWHERE_ON_DISK.has(rule))
}

/** `.git` as any file system may read it: case, width, invisible characters, streams, short names, trailing dots. */
export function isGitFolder(part: string): boolean {
  return /^(?:\.git|git~\d+)$/.test(barePart(part))
}

const GIT_FILES = [
  { name: '.gitmodules', short: 'gi7eba' },
  { name: '.gitattributes', short: 'gi7d29' },
  { name: '.gitignore', short: 'gi250a' },
  { name: '.mailmap', short: 'maba30' },
] as const

const GIT_FILE_SHORT_NAMES: ReadonlySet<string> = new Set(
  GIT_FILES.flatMap(({ name }) => [1, 2, 3, 4].map((i) => `${name.slice(1, 7)}~${i}`)),
)

/** NTFS falls back to a hash of the name, cut so that with `~` and a number there are eight characters. */
const HASHED_SHORT_NAME = new RegExp(
  `^(?:${GIT_FILES.flatMap(({ short }) =>
    Array.from({ length: 7 }, (_, kept) => `${short.slice(0, kept)}~[1-9]\\d{${6 - kept}}`),
  ).join('|')})$`,
)

function isDisguisedGitFile(part: string): boolean {
  const bare = barePart(part)
  const isSpelling = GIT_FILES.some(({ name }) => name === bare && name !== part)
  return isSpelling || GIT_FILE_SHORT_NAMES.has(bare) || HASHED_SHORT_NAME.test(bare)
}

const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])$/

function isDeviceName(part: string): boolean {
  return DEVICE.test(
    part
      .toLowerCase()
      .replace(/[.:].*$/su, '')
      .trimEnd(),
  )
}

function barePart(part: string): string {
  const visible = ASCII.test(part)
    ? part
    : part.replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '').normalize('NFKC')
  return foldCase(visible)
    .replace(/:.*$/su, '')
    .replace(/[. ]+$/, '')
}
