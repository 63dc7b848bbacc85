import { expect, test } from 'vitest'
import { answerOf, changedBy, refusalOf } from './recipe-run.ts'

const OLD = `sha512-${'o'.repeat(86)}==`
const NEW = `sha512-${'N'.repeat(86)}==`
const address = (name: string, version: string) =>
  `https://npm.example.org/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
const entry = (name: string, version: string, more: object = {}) => ({
  version,
  resolved: address(name, version),
  integrity: OLD,
  ...more,
})
const json = (data: object, indent: number | string = 2) => `${JSON.stringify(data, null, indent)}\n`

const SAME = { resolved: address('left', '1.3.0'), integrity: NEW, same_needs: 'true' }
const bumped = (files: Readonly<Record<string, string>>, params: Readonly<Record<string, string>> = {}) =>
  changedBy('bump-dependency', { name: 'left', version: '1.3.0', ...SAME, ...params }, files)
const refusal = (files: Readonly<Record<string, string>>, params: Readonly<Record<string, string>> = {}) =>
  refusalOf('bump-dependency', { name: 'left', version: '1.3.0', ...SAME, ...params }, files)

/** A package with a nested copy that another one needs: the layout that npm writes. */
const own = { name: 'app', dependencies: { left: '^1.2.0', right: '^2.0.0' } }
const packages = {
  '': own,
  'node_modules/left': entry('left', '1.2.5', { license: 'MIT' }),
  'node_modules/right': entry('right', '2.0.0', { dependencies: { left: '~1.0.0' } }),
  'node_modules/right/node_modules/left': entry('left', '1.0.4'),
}
const lock3 = { name: 'app', lockfileVersion: 3, requires: true, packages }
const one = { 'package.json': json(own), 'package-lock.json': json(lock3) }

test('the range and the one locked copy change, and no other byte', async () => {
  const after = await bumped(one)
  expect(after['package.json']).toBe(one['package.json'].replace('^1.2.0', '^1.3.0'))
  expect(after['package-lock.json']).toBe(
    json({
      ...lock3,
      packages: {
        ...packages,
        '': { ...own, dependencies: { ...own.dependencies, left: '^1.3.0' } },
        'node_modules/left': {
          ...packages['node_modules/left'],
          version: '1.3.0',
          resolved: SAME.resolved,
          integrity: NEW,
        },
      },
    }),
  )
})

test('the form of a file that npm did not write stays: tabs, Windows line ends, a byte order mark, no last break', async () => {
  const manifest = `\ufeff${JSON.stringify(own, null, '\t').replaceAll('\n', '\r\n')}`
  const after = await bumped({ 'package.json': manifest, 'package-lock.json': json(lock3, '\t') })
  expect(after['package.json']).toBe(manifest.replace('^1.2.0', '^1.3.0'))
  expect(after['package-lock.json']).toContain(`\t\t\t"integrity": "${NEW}"`)
})

test('what only a registry knows is asked for, with what is locked, and never made up', async () => {
  const asked = await answerOf('bump-dependency', { name: 'left', version: '1.3.0' }, one)
  expect(asked.is === 'questions' && asked.questions.map((question) => [question.param, question.default])).toEqual([
    ['same_needs', undefined],
    ['resolved', undefined],
    ['integrity', undefined],
  ])
  expect(JSON.stringify(asked)).toContain(address('left', '1.2.5'))
})

test('a lockfile that leaves addresses and hashes out is not given any, and none are asked for', async () => {
  const bare = { ...lock3, packages: { '': own, 'node_modules/left': { version: '1.2.5' } } }
  const files = { 'package.json': json(own), 'package-lock.json': json(bare) }
  const after = await changedBy('bump-dependency', { name: 'left', version: '1.3.0', same_needs: 'true' }, files)
  expect(after['package-lock.json']).toBe(json(bare).replace('"1.2.5"', '"1.3.0"').replace('^1.2.0', '^1.3.0'))
})

test('lockfile version 2 says the same in both of its halves, for a workspace too', async () => {
  const root = { name: 'root', workspaces: ['packages/*'] }
  const a = { name: '@x/a', version: '1.0.0', devDependencies: { left: '1.2.5' } }
  const lock2 = {
    name: 'root',
    lockfileVersion: 2,
    packages: {
      '': root,
      'node_modules/@x/a': { resolved: 'packages/a', link: true },
      'node_modules/left': entry('left', '0.9.0'),
      'packages/a': a,
      'packages/a/node_modules/left': entry('left', '1.2.5', { dev: true }),
    },
    dependencies: {
      '@x/a': {
        version: 'file:packages/a',
        requires: { left: '1.2.5' },
        dependencies: { left: entry('left', '1.2.5', { dev: true }) },
      },
      left: entry('left', '0.9.0'),
    },
  }
  const files = {
    'package.json': json(root),
    'packages/a/package.json': json(a),
    'package-lock.json': json(lock2),
    'packages/a/node_modules/left/package.json': '{}',
  }
  const after = await bumped(files, { manifest: 'packages/a/package.json' })
  expect(Object.keys(after)).toEqual(['packages/a/package.json', 'package-lock.json'])
  const lock: unknown = JSON.parse(after['package-lock.json'] ?? '')
  const fresh = { version: '1.3.0', resolved: SAME.resolved, integrity: NEW, dev: true }
  expect(lock).toEqual({
    ...lock2,
    packages: {
      ...lock2.packages,
      'packages/a': { ...a, devDependencies: { left: '1.3.0' } },
      'packages/a/node_modules/left': fresh,
    },
    dependencies: {
      ...lock2.dependencies,
      '@x/a': { version: 'file:packages/a', requires: { left: '1.3.0' }, dependencies: { left: fresh } },
    },
  })
})

test('nested copies follow on demand, where everyone who needs them allows the new version', async () => {
  const more = {
    ...packages,
    'node_modules/mid': entry('mid', '1.0.0', { dependencies: { left: '>=1.0.0 <1.4.0 || ^3' } }),
    'node_modules/mid/node_modules/left': entry('left', '1.1.0'),
  }
  const files = { ...one, 'package-lock.json': json({ ...lock3, packages: more }) }
  expect(versionsIn(await bumped(files))).toEqual(['1.3.0', '1.0.4', '1.1.0'])
  expect(versionsIn(await bumped(files, { everywhere: 'true' }))).toEqual(['1.3.0', '1.0.4', '1.3.0'])
})

function versionsIn(after: Readonly<Record<string, string | null>>): readonly unknown[] {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(after['package-lock.json'] ?? '')
  return Object.entries(lock.packages).flatMap(([key, { version }]) => (key.endsWith('/left') ? [version] : []))
}

test.each([
  ['^1.2.0', undefined, '^1.3.0'],
  ['~1.2.0', undefined, '~1.3.0'],
  ['1.2.0', undefined, '1.3.0'],
  ['>=1.0 <3', '>=1.3.0 <3', '>=1.3.0 <3'],
  ['1.x', '1.x', '1.x'],
])('a range %s becomes %s, or %s', async (old, range, fresh) => {
  const files = { 'package.json': json({ dependencies: { left: old } }) }
  const after = await bumped(files, range === undefined ? {} : { range })
  expect(after).toEqual(old === fresh ? {} : { 'package.json': json({ dependencies: { left: fresh } }) })
})

test.each(['*', 'latest', '>=1.0', '1.x || 2.x', 'github:a/left', 'workspace:*'])(
  'a range %s says nothing about its successor, so people say it',
  async (old) => {
    const files = { 'package.json': json({ devDependencies: { left: old } }) }
    const asked = await answerOf('bump-dependency', { name: 'left', version: '1.3.0' }, files)
    expect(asked).toMatchObject({ questions: [{ param: 'range', choices: ['^1.3.0', '~1.3.0', '1.3.0'] }] })
  },
)

test.each([
  [
    'a package that is no dependency',
    { 'package.json': '{"dependencies":{"leftpad":"1.0.0"}}' },
    {},
    'has no dependency left',
  ],
  ['no package.json', {}, {}, 'no file package.json'],
  ['no JSON', { 'package.json': '{' }, {}, 'is not JSON'],
  ['no version', one, { version: '^1.3.0' }, 'no exact version'],
  ['no name', one, { name: '../left' }, 'no package name'],
  ['a range that does not allow the version', one, { range: '^2.0.0' }, 'does not allow 1.3.0'],
  ['other needs', one, { same_needs: 'false' }, 'only npm can lay those out'],
  ['the hash of the old version', one, { integrity: OLD }, 'hash of the old version'],
  ['half a hash', one, { integrity: 'sha512-abc=' }, 'no whole hash'],
  ['the address of another version', one, { resolved: address('left', '1.2.9') }, 'does not name the version'],
  ['no address', one, { resolved: 'left-1.3.0.tgz' }, 'no web address'],
  ['another lockfile', { 'package.json': json(own), 'yarn.lock': '' }, {}, 'npm lockfiles only'],
  ['an old lockfile', { ...one, 'package-lock.json': json({ lockfileVersion: 1 }) }, {}, 'lockfileVersion 1'],
  ['an override', { 'package.json': json({ ...own, overrides: { left: '1.2.5' } }) }, {}, 'overrides left'],
  [
    'a lockfile of another package.json',
    { ...one, 'package-lock.json': json({ ...lock3, packages: { '': { name: 'app' } } }) },
    {},
    'disagree about left',
  ],
  [
    'a lockfile without the entry',
    { ...one, 'package-lock.json': json({ ...lock3, packages: { '': own } }) },
    {},
    'has no entry',
  ],
  [
    'a copy that somebody else needs as it is',
    {
      ...one,
      'package-lock.json': json({
        ...lock3,
        packages: { ...packages, 'node_modules/mid': entry('mid', '1.0.0', { peerDependencies: { left: '~1.2.0' } }) },
      }),
    },
    {},
    'node_modules/mid needs left as ~1.2.0',
  ],
  [
    'a linked package',
    {
      ...one,
      'package-lock.json': json({
        ...lock3,
        packages: { '': own, 'node_modules/left': { link: true, resolved: 'left' } },
      }),
    },
    {},
    'linked or bundled',
  ],
])('%s is refused', async (_, files, params, words) => {
  expect(await refusal(files, params)).toContain(words)
})

test('what is locked already only changes the range', async () => {
  const files = { ...one, 'package-lock.json': one['package-lock.json'].replace('"1.2.5"', '"1.3.0"') }
  const after = await changedBy('bump-dependency', { name: 'left', version: '1.3.0' }, files)
  expect(after['package-lock.json']).toBe(files['package-lock.json'].replace('^1.2.0', '^1.3.0'))
})

test.each([
  ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0', '2.0.0-rc.1', '1.3.0-a']],
  ['^0.2.3', ['0.2.9'], ['0.3.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4']],
  ['~1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
  ['1.2 - 2', ['1.2.0', '2.9.9'], ['3.0.0', '1.1.9']],
  ['>1.2 <=2.1', ['1.3.0', '2.1.5'], ['1.2.9', '2.2.0']],
  ['^2.0.0-beta.2', ['2.0.0-beta.10', '2.0.0'], ['2.0.0-beta.1', '2.1.0-beta.1']],
  ['', ['0.0.0'], ['1.0.0-a']],
])('the range %j is read as npm reads it', async (range, allowed, refused) => {
  const locked = {
    'package.json': json({ dependencies: { left: '0.0.1' } }),
    'package-lock.json': json({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { left: '0.0.1' } },
        'node_modules/left': { version: '0.0.1' },
        'node_modules/mid': { version: '1.0.0', dependencies: { left: range } },
      },
    }),
  }
  for (const version of allowed)
    expect(Object.keys(await bumped(locked, { version })), version).toContain('package-lock.json')
  for (const version of refused) expect(await refusal(locked, { version })).toContain('does not allow')
})
