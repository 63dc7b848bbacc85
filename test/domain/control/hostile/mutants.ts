import type { CommandRequest } from '../../../../src/domain/control/allowlist.ts'

export type Mutant = CommandRequest & { readonly how: string }

type Mutator = (argv: readonly string[]) => readonly (readonly string[])[]

/** Other ways to write a hostile command, each by what it does to the words. */
const MUTATORS: Readonly<Record<string, Mutator>> = {
  'shortens a long option': (argv) => shorter(argv, [1, 2, 3, 5]),
  'joins an option and its value': (argv) =>
    pairs(argv).map(([at, option, value]) => splice(argv, at, 2, [`${option}=${value}`])),
  'glues a value to its option': (argv) =>
    pairs(argv).map(([at, option, value]) => splice(argv, at, 2, [`${option}${value}`])),
  'takes a value from its option': (argv) =>
    argv.flatMap((word, at) => {
      const [, option, value] = /^(--?[A-Za-z][\w-]*)=(.+)$/s.exec(word) ?? []
      return option === undefined || value === undefined ? [] : [splice(argv, at, 1, [option, value])]
    }),
  'clusters a letter with another': (argv) =>
    argv.flatMap((word, at) =>
      /^-[A-Za-z](?:\W.*)?$/s.test(word)
        ? [splice(argv, at, 1, [`-q${word.slice(1)}`]), splice(argv, at, 1, [`-n${word.slice(1)}`])]
        : [],
    ),
  'moves an option to the end': (argv) => options(argv).map((at) => [...splice(argv, at, 1, []), argv[at] ?? '']),
  'moves an option to the front': (argv) =>
    options(argv).map((at) => splice(splice(argv, at, 1, []), 1, 0, [argv[at] ?? ''])),
  'doubles an option': (argv) => options(argv).map((at) => splice(argv, at, 0, [argv[at] ?? ''])),
  'writes two dashes before it': (argv) => options(argv).map((at) => splice(argv, at, 0, ['--'])),
  'takes the dashes away': (argv) => (argv.includes('--') ? [argv.filter((word) => word !== '--')] : []),
  'uses one dash for two': (argv) => eachOption(argv, (word) => (word.startsWith('--') ? [word.slice(1)] : [])),
  'uses two dashes for one': (argv) => eachOption(argv, (word) => (/^-[A-Za-z]/.test(word) ? [`-${word}`] : [])),
  'uses a dash of another script': (argv) =>
    eachOption(argv, (word) =>
      ['\u2010', '\u2013', '\u2014', '\u2212', '\uff0d'].map((dash) =>
        word.replace(/^--?/, (all) => dash.repeat(all.length)),
      ),
    ),
  'changes the case of an option': (argv) => eachOption(argv, (word) => [word.toUpperCase()]),
  'quotes an option': (argv) => eachOption(argv, (word) => [`'${word}'`, `"${word}"`, `\\${word}`, `$'${word}'`]),
  'puts a blank into it': (argv) => eachOption(argv, (word) => [` ${word}`, `${word} `, `\t${word}`]),
  'hides a character in it': (argv) =>
    eachOption(argv, (word) => [
      `\u200b${word}`,
      `${word.slice(0, 2)}\u2060${word.slice(2)}`,
      `${word}\0`,
      `${word}\n`,
    ]),
  'spells a path otherwise': (argv) =>
    argv.flatMap((word, at) => otherPaths(word).map((path) => splice(argv, at, 1, [path]))),
  'spells the program otherwise': ([program = '', ...rest]) =>
    [
      `/usr/bin/${program}`,
      `./${program}`,
      `../${program}`,
      program.toUpperCase(),
      `${program}.exe`,
      `${program} `,
      `'${program}'`,
      `${program}\n`,
      `\\${program}`,
    ].map((other) => [other, ...rest]),
  'stands behind a wrapper': (argv) =>
    [
      'env',
      'nice',
      'xargs',
      'nohup',
      'sudo',
      'command',
      'exec',
      'npx',
      'busybox',
      'time',
      'bash',
      'setsid',
      'npm exec --',
      'timeout 5',
      'env A=b',
      'sh -c',
      'A=b',
    ].map((wrapper) => [...wrapper.split(' '), ...argv]),
  'is one word of a shell': (argv) => [['sh', '-c', argv.join(' ')], ['bash', '-lc', argv.join(' ')], [argv.join(' ')]],
  'follows another command': (argv) => [';', '&&', '|', '||', '&'].map((operator) => ['ls', operator, ...argv]),
  'adds an empty word': (argv) => [[...argv, ''], splice(argv, 1, 0, [''])],
}

/** Every way to write it that is not what it was. */
export function mutantsOf(argv: readonly string[]): readonly Mutant[] {
  const same = argv.join('\0')
  return Object.entries(MUTATORS).flatMap(([how, mutate]) =>
    mutate(argv)
      .filter((words) => words.join('\0') !== same)
      .map((words) => ({ how, argv: words, env: {}, cwd: '.' })),
  )
}

const ENVIRONMENTS = [
  'LD_PRELOAD NODE_OPTIONS GIT_SSH_COMMAND GIT_EXTERNAL_DIFF PAGER EDITOR BASH_ENV npm_config_script_shell TAR_OPTIONS',
  'MAKEFLAGS PYTHONSTARTUP PYTHONPATH PERL5OPT RUBYOPT RUSTC_WRAPPER GOFLAGS JAVA_TOOL_OPTIONS PATH HOME',
]
  .join(' ')
  .split(' ')

/** A command that would be allowed, with what would make another of it from outside: a variable or a folder. */
export function surroundingsOf(argv: readonly string[]): readonly Mutant[] {
  return [
    ...ENVIRONMENTS.map((name) => ({ how: `sets ${name}`, argv, env: { [name]: '/tmp/evil' }, cwd: '.' })),
    ...['/tmp', '..', '../..', 'link', '.git', 'src/../..', '~', '', ' '].flatMap((cwd) =>
      cwd === '' ? [] : [{ how: `works in ${cwd}`, argv, env: {}, cwd }],
    ),
    { how: 'sets a listed variable to a path', argv, env: { TZ: '/etc/passwd' }, cwd: '.' },
    { how: 'sets a listed variable to code', argv, env: { LANG: '() { :;}; id' }, cwd: '.' },
  ]
}

function splice(argv: readonly string[], at: number, count: number, words: readonly string[]): readonly string[] {
  return [...argv.slice(0, at), ...words, ...argv.slice(at + count)]
}

function options(argv: readonly string[]): readonly number[] {
  return argv.flatMap((word, at) => (at > 0 && /^-./.test(word) && word !== '--' ? [at] : []))
}

function eachOption(
  argv: readonly string[],
  other: (word: string) => readonly string[],
): readonly (readonly string[])[] {
  return options(argv).flatMap((at) => other(argv[at] ?? '').map((word) => splice(argv, at, 1, [word])))
}

function pairs(argv: readonly string[]): readonly (readonly [number, string, string])[] {
  return options(argv).flatMap((at) => {
    const [option = '', value = '-'] = [argv[at], argv[at + 1]]
    return option.includes('=') || value.startsWith('-') ? [] : [[at, option, value] as const]
  })
}

function shorter(argv: readonly string[], counts: readonly number[]): readonly (readonly string[])[] {
  return argv.flatMap((word, at) => {
    const [, name = '', rest = ''] = /^(--[A-Za-z][\w-]+)(=.*)?$/s.exec(word) ?? []
    return counts
      .filter((count) => name.length - count > 4)
      .map((count) => splice(argv, at, 1, [`${name.slice(0, -count)}${rest}`]))
  })
}

function otherPaths(word: string): readonly string[] {
  const [, before = '', path] = /^(.*?)(\/(?:tmp|etc)\b.*)$/s.exec(word) ?? []
  if (path === undefined) return []
  return [
    `/${path}`,
    `/.${path}`,
    `../../../../../../../..${path}`,
    `src/../../../../../../../..${path}`,
    `./../../../../../../../..${path}`,
    `file://${path}`,
    `~${path}`,
    `/proc/self/root${path}`,
    `link${path}`,
    path.replaceAll('/', '\\'),
  ].map((other) => before + other)
}
