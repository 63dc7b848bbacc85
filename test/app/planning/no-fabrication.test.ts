import { afterAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { judgeRecorded } from '../../../src/domain/packs/command-facts.ts'
import {
  type Drafted,
  draftIn,
  repositoryWith,
  shippedManifest,
  type TestFiles,
  type TestRepository,
} from './real-scene.ts'

const opened: TestRepository[] = []
afterAll(() => opened.forEach((repository) => repository.remove()))

type Made = Extract<Drafted, { is: 'draft' }>

/** A draft from a patch of whole new files, `null` for one that is deleted, on a real repository. */
async function drafted(files: TestFiles, patch: string): Promise<Made> {
  const repository = await repositoryWith(files)
  opened.push(repository)
  const bytes = Buffer.from(patch)
  const made = await draftIn(repository, { planner: { is: 'patch', patch: sha256Hex(bytes) }, patch: bytes })
  if (made.is !== 'draft') throw new Error(JSON.stringify(made))
  return made
}

const replacing = (path: string, before: string, after: string) =>
  `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${before}\n+${after}\n`

const argvs = ({ draft }: Made) => draft.steps.flatMap((step) => (step.is === 'verify' ? [step.argv.join(' ')] : []))

const judged = async (made: Made, command: string, step: string) =>
  judgeRecorded(command.split(' '), (await shippedManifest()).policy, { facts: made.facts, step }).decision

describe('commands are looked up in the files as they are after the edits', () => {
  const scripts = (text: string) => `{"scripts":{${text}}}`

  test('a script that the draft adds can be run by it', async () => {
    const made = await drafted(
      { 'package.json': `${scripts('')}\n`, 'a.js': 'x\n' },
      replacing('package.json', scripts(''), scripts('"test":"node --test","lint":"x"')),
    )
    expect(argvs(made)).toEqual(['npm run lint', 'npm test'])
    expect(await judged(made, 'npm test', 'verify-2')).toBe('allow')
  })

  test('a script that the draft deletes is none', async () => {
    const made = await drafted(
      { 'package.json': `${scripts('"test":"node --test"')}\n`, 'a.js': 'x\n' },
      replacing('package.json', scripts('"test":"node --test"'), scripts('')),
    )
    expect(argvs(made)).toEqual([])
    expect(made.draft.noVerify).toMatch(/declares no test command/)
  })

  test('files that a makefile includes are read from the repository as far as they go', async () => {
    const made = await drafted(
      { Makefile: 'include mk/one.mk\n', 'mk/one.mk': 'include mk/two.mk\n', 'mk/two.mk': 'test:\n', 'a.js': 'x\n' },
      replacing('a.js', 'x', 'y'),
    )
    expect(argvs(made)).toEqual(['make test'])
    expect(await judged(made, 'make test', 'verify-1')).toBe('allow')
    expect(made.draft.evidence.every((ref) => ref.startsWith('Makefile@'))).toBe(true)
    expect(made.facts.evidence.every(({ fault }) => fault === null)).toBe(true)
  })
})

test('each check says why it is there, and a criterion that its words name is tied to it', async () => {
  const made = await drafted({ 'package.json': '{"scripts":{"test":"a"}}', 'a.js': 'x\n' }, replacing('a.js', 'x', 'y'))
  const [verify] = made.draft.steps.flatMap((step) => (step.is === 'verify' ? [step] : []))
  expect(verify?.criteria).toEqual(['c1'])
  expect(made.facts.checks).toEqual([{ step: 'verify-1', because: expect.stringContaining('package.json') }])
})

test('a file may become a folder, and a name may change its case, in one draft', async () => {
  const made = await drafted(
    { 'util.js': 'x\n', util: 'y\n', 'Name.js': 'z\n' },
    [
      'diff --git a/util b/util\ndeleted file mode 100644\n--- a/util\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n',
      'diff --git a/util/index.js b/util/index.js\nnew file mode 100644\n--- /dev/null\n+++ b/util/index.js\n@@ -0,0 +1 @@\n+x\n',
      'diff --git a/Name.js b/Name.js\ndeleted file mode 100644\n--- a/Name.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n',
      'diff --git a/name.js b/name.js\nnew file mode 100644\n--- /dev/null\n+++ b/name.js\n@@ -0,0 +1 @@\n+z\n',
    ].join(''),
  )
  expect(made.facts.paths.filter(({ claims }) => claims === 'is-new')).toMatchObject([
    { path: 'name.js', alike: [], found: null },
    { path: 'util/index.js', through: null, found: null },
  ])
})
