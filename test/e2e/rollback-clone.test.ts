import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { textStart } from '../../src/domain/packs/documents.ts'
import { ReviewPack } from '../../src/domain/packs/review-pack.ts'
import { type Desk, deskForEachTest, json, stateOf } from '../entry/cli/a-cli.ts'

const CLI = join(import.meta.dirname, '../../src/entry/cli.ts')

const FILES = {
  'package.json': '{"name":"sample","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'greet.js': "// greets\n\nmodule.exports = () => 'hello'\n\n// the end\n",
  'greet.test.js':
    "const { test } = require('node:test')\ntest('greets', () => { if (typeof require('./greet.js')() !== 'string') throw new Error('no') })\n",
  'gone.txt': 'one\r\ntwo',
  'binary.bin': Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256),
  'nö te.txt': 'kept\n',
}
const desk = deskForEachTest(FILES)

type Landed = { readonly commit: string; readonly branch: string; readonly parent: string }

/** A patch of every kind of change is planned and executed; the evidence is kept. */
async function landed(desk: Desk): Promise<Landed> {
  const parent = desk.git('rev-parse', 'HEAD')
  desk.write('greet.js', "// greets\n\nmodule.exports = () => 'good day'\n\n// the end\n")
  desk.write('binary.bin', Uint8Array.from([0, 255, 1]))
  desk.write('sub/new.txt', 'new\n')
  desk.git('rm', '-q', 'gone.txt')
  desk.git('mv', 'nö te.txt', 'moved.txt')
  chmodSync(join(desk.clone, 'greet.test.js'), 0o755)
  desk.git('add', '-A')
  writeFileSync(desk.at('change.patch'), `${desk.git('diff', '--cached', '--binary', '--full-index')}\n`)
  desk.git('reset', '-q', '--hard')
  const planned = ['plan', '--repo', desk.clone, '--patch', desk.at('change.patch'), '--out', desk.at('plan.json')]
  expect(await desk.agentos(planned)).toMatchObject({ exit: 0 })
  const options = ['--repo', desk.clone, '--approved-by', 'Lee', '--out', desk.at('evidence.json'), '--json']
  const ended = await desk.agentos(['execute', desk.at('plan.json'), ...options])
  expect(ended.exit, ended.stderr).toBe(0)
  const { commit, branch } = json(ended.stdout)
  return { commit: String(commit), branch: String(branch), parent }
}

const rollingBack = (desk: Desk, ...more: readonly string[]) => [
  'rollback',
  desk.at('evidence.json'),
  '--repo',
  desk.clone,
  '--json',
  ...more,
]

/** The ways back that the run's own account names, command by command. */
function guideIn(desk: Desk): readonly string[] {
  const { blobs } = z
    .object({ blobs: z.array(z.object({ base64: z.string() })) })
    .parse(JSON.parse(readFileSync(desk.at('evidence.json'), 'utf8')))
  const packs = blobs.flatMap(({ base64 }) => {
    const bytes = Buffer.from(base64, 'base64')
    const text = bytes.subarray(textStart(bytes)).toString('utf8')
    return text.includes('"notVerified":') ? [ReviewPack.parse(JSON.parse(text)).rollback] : []
  })
  return [...(packs[0] ?? '').matchAll(/^```\n([^]*?)\n```$/gm)].map(([, command = '']) => command)
}

/** Runs a line as a person would type it, in the clone, with `agentos` and the evidence at hand. */
function types(desk: Desk, line: string): string {
  writeFileSync(desk.at('agentos'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 })
  const { PATH = '', HOME = '' } = process.env
  const person = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b.c',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b.c',
  }
  const env = { ...person, PATH: `${desk.home}:${PATH}`, HOME, AGENTOS_DATA: desk.at('data') }
  return execFileSync('sh', ['-c', line], { cwd: desk.clone, env, encoding: 'utf8' })
}

describe('a run that is taken back on a clone', { timeout: 240_000 }, () => {
  it('gives the parent’s tree where nobody changed anything, and can itself be taken back', async () => {
    const { commit, parent } = await landed(desk)
    const head = desk.git('rev-parse', 'HEAD')
    const options = ['--out', desk.at('undone.json'), '--trust', desk.at('data/keys.json')]
    const ended = await desk.agentos(rollingBack(desk, ...options))
    expect(ended.exit, ended.stderr).toBe(0)
    const back = json(ended.stdout)
    expect(back['tree']).toBe(desk.git('rev-parse', `${parent}^{tree}`))
    expect(desk.git('rev-parse', `${String(back['commit'])}^`)).toBe(commit)
    expect(desk.git('rev-parse', 'HEAD')).toBe(head)
    expect(back).toMatchObject({ kept: [], stays: ['the commits in the history'] })
    const verified = await desk.agentos(['verify', desk.at('undone.json'), '--repo', desk.clone, '--json'])
    expect(json(verified.stdout)).toMatchObject({ valid: true, phase: 'delivered' })
    const forth = await desk.agentos(['rollback', desk.at('undone.json'), '--repo', desk.clone, '--json'])
    expect(forth.exit, forth.stderr).toBe(0)
    expect(json(forth.stdout)['tree']).toBe(desk.git('rev-parse', `${commit}^{tree}`))
  })

  it('comes back to the parent’s tree by each command that its own account names, typed as it stands', async () => {
    const { commit, branch, parent } = await landed(desk)
    const tree = desk.git('rev-parse', `${parent}^{tree}`)
    copyFileSync(desk.at('evidence.json'), join(desk.clone, 'evidence.json'))
    const [agentos = '', revert = '', restore = '', ...others] = guideIn(desk)
    expect(others).toEqual([])
    expect(agentos).toBe('agentos rollback evidence.json --repo .')
    types(desk, agentos)
    rmSync(join(desk.clone, 'evidence.json'))
    const made = desk.git('for-each-ref', '--format=%(refname)', '--points-at=HEAD', '--contains', commit, 'refs/heads')
    expect(made).toBe('')
    const back = desk.git('for-each-ref', '--format=%(refname)', 'refs/heads/agentos').split('\n')
    expect(back.map((ref) => desk.git('rev-parse', `${ref}^{tree}`)).toSorted()).toEqual(
      [tree, desk.git('rev-parse', `${commit}^{tree}`)].toSorted(),
    )
    desk.git('checkout', '-q', '-B', 'reverted', branch)
    types(desk, revert)
    expect(desk.git('rev-parse', 'HEAD^{tree}')).toBe(tree)
    desk.git('checkout', '-q', '-B', 'restored', branch)
    types(desk, restore)
    expect(desk.git('write-tree')).toBe(tree)
    expect(desk.git('diff', '--name-only')).toBe('')
  })

  it('keeps what others changed later, names what is in the way, and believes no broken evidence', async () => {
    const { branch } = await landed(desk)
    desk.git('merge', '-q', '--no-ff', '-m', 'Merge it', branch)
    desk.write('greet.js', "// greets\n\nmodule.exports = () => 'good day'\n\n// the end, by Kim\n")
    desk.write('README.md', 'Kim was here\n')
    const head = desk.commit('Later')
    const ended = await desk.agentos(rollingBack(desk))
    expect(ended.exit, ended.stderr).toBe(0)
    const back = json(ended.stdout)
    const at = (path: string) => desk.git('show', `${String(back['commit'])}:${path}`)
    expect(desk.git('rev-parse', `${String(back['commit'])}^`)).toBe(head)
    expect(at('greet.js')).toBe("// greets\n\nmodule.exports = () => 'hello'\n\n// the end, by Kim")
    expect(at('README.md')).toBe('Kim was here')
    expect(desk.git('diff', '--name-only', 'HEAD~2', String(back['commit'])).split('\n')).toEqual([
      'README.md',
      'greet.js',
    ])
    expect(back['kept']).toEqual(['greet.js'])
    expect(back['restored']).toHaveLength(6)

    desk.write('greet.js', "// greets\n\nmodule.exports = () => 'good evening'\n\n// the end\n")
    desk.write('sub/new.txt', 'still needed\n')
    desk.commit('In the way')
    const before = stateOf(desk)
    const refused = await desk.agentos(rollingBack(desk))
    expect(refused.exit, refused.stdout).toBe(3)
    expect(json(refused.stdout)).toMatchObject({
      error: { rule: 'rollback', next: expect.stringContaining('git revert') },
      conflicts: [
        { path: 'greet.js', because: expect.stringContaining('line 3') },
        { path: 'sub/new.txt', because: expect.stringContaining('changed since') },
      ],
    })

    const text = readFileSync(desk.at('evidence.json'), 'utf8')
    writeFileSync(desk.at('evidence.json'), text.replace('"venue":"local"', '"venue":"lacal"'))
    const broken = await desk.agentos(rollingBack(desk))
    expect(broken.exit, broken.stdout).toBe(1)
    expect(json(broken.stdout)).toHaveProperty('error.rule', 'evidence')
    writeFileSync(desk.at('evidence.json'), text)
    desk.git('init', '-q', '--bare', desk.at('other.git'))
    const stranger = ['rollback', desk.at('evidence.json'), '--repo', desk.at('other.git'), '--json']
    const absent = await desk.agentos(stranger)
    expect([absent.exit, json(absent.stdout)]).toMatchObject([3, { error: { rule: 'base' } }])
    expect(stateOf(desk)).toBe(before)
  })

  it('takes back on HEAD what was squashed there by hand', async () => {
    const { commit, branch } = await landed(desk)
    desk.write('README.md', 'Kim was here\n')
    desk.commit('Before it')
    const before = desk.git('rev-parse', 'HEAD^{tree}')
    desk.git('merge', '-q', '--squash', branch)
    desk.git('commit', '-q', '-m', desk.git('log', '-1', '--format=%B', commit))
    const head = desk.git('rev-parse', 'HEAD')
    desk.git('branch', '-q', '-D', branch)
    const ended = await desk.agentos(rollingBack(desk))
    expect(ended.exit, ended.stderr).toBe(0)
    const back = json(ended.stdout)
    expect(desk.git('rev-parse', `${String(back['commit'])}^`)).toBe(head)
    expect(back).toMatchObject({ tree: before, kept: [] })
  })
})
