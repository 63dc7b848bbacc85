import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { hashOf } from '../../src/domain/hash.ts'
import { type Desk, deskForEachTest, json, jsonFile, stateOf } from '../entry/cli/a-cli.ts'

const desk = deskForEachTest({
  'package.json':
    '{"name":"sample","version":"1.0.0","scripts":{"test":"node --test","format":"node format.js","lint":"node nothing.js"}}\n',
  // Lint fails on the default branch already.
  '.agentos/policy.yml': 'version: 1\nchecks: [test]\n',
  'format.js': "require('fs').writeFileSync('made.txt', 'made\\n')\n",
  'greet.js': "module.exports = () => 'hello'\n",
  'greet.test.js':
    "const { test } = require('node:test')\nconst assert = require('node:assert')\ntest('greets', () => { assert.match(require('./greet.js')(), /^(hello|good day)$/) })\n",
  'latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0xff, 0x0a]),
})

const NOW = '2026-01-31T12:00:00.000Z'

function replacing(find: string, replace: string, paths: string): readonly string[] {
  return ['--recipe', 'replace-text', `find=${find}`, `replace=${replace}`, `paths=${paths}`]
}

async function planned(desk: Desk, asked: readonly string[]): Promise<string> {
  const out = desk.at('plan.json')
  const ended = await desk.agentos(['plan', '--repo', desk.clone, ...asked, '--out', out, '--json'])
  expect(ended.stderr + ended.stdout).toContain('planHash')
  expect(ended.exit).toBe(0)
  return out
}

function executing(desk: Desk, plan: string, more: readonly string[] = ['--approved-by', 'Lee']): readonly string[] {
  return ['execute', plan, '--repo', desk.clone, '--out', desk.at('evidence.json'), ...more]
}

describe('a plan that is executed on a plain clone', () => {
  it('lands as one commit on a new branch, and HEAD, index and working tree stay', async () => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    const [head, status] = [desk.git('rev-parse', 'HEAD'), desk.git('status', '--porcelain')]
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    expect(ended).toMatchObject({ exit: 0 })
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1)
    const { commit, tree, branch } = json(ended.stdout)
    expect(desk.git('rev-parse', `refs/heads/${String(branch)}`)).toBe(commit)
    expect(desk.git('rev-parse', `${String(commit)}^{tree}`)).toBe(tree)
    expect(tree).toBe(jsonFile(plan)['predictedTree'])
    expect(desk.git('show', `${String(commit)}:greet.js`)).toBe("module.exports = () => 'good day'")
    expect([desk.git('rev-parse', 'HEAD'), desk.git('status', '--porcelain')]).toEqual([head, status])
    expect(desk.git('log', '-1', '--format=%(trailers:key=Approved-by)', String(commit))).toContain('@Lee')
  })

  it('is proven by evidence that verifies against the pinned key and the clone, replays, and names no GitHub', async () => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    expect((await desk.agentos(executing(desk, plan))).exit).toBe(0)
    const keys = desk.at('data/keys.json')
    const verified = await desk.agentos([
      'verify',
      desk.at('evidence.json'),
      '--trust',
      keys,
      '--repo',
      desk.clone,
      '--json',
    ])
    expect(json(verified.stdout)).toMatchObject({ valid: true, venue: 'local', trust: 'pinned', phase: 'delivered' })
    expect(verified.stdout).toContain('GitHub attested nothing')
    expect((await desk.agentos(['replay', desk.at('evidence.json')])).exit).toBe(0)
    const text = readFileSync(desk.at('evidence.json'), 'utf8')
    writeFileSync(desk.at('altered.json'), text.replace('"venue":"local"', '"venue":"lacal"'))
    const altered = await desk.agentos(['verify', desk.at('altered.json'), '--json'])
    expect(altered.exit).toBe(1)
    expect(json(altered.stdout)).toMatchObject({ valid: false })
    expect((await desk.agentos(['replay', desk.at('altered.json')])).exit).toBe(1)
  })

  it('has the same hash at another time and in another copy of the clone', async () => {
    const asked = replacing('hello', 'good day', 'greet.js')
    const first = jsonFile(await planned(desk, asked))['planHash']
    cpSync(desk.clone, desk.at('copy'), { recursive: true })
    const there = ['plan', '--repo', desk.at('copy'), ...asked, '--now', NOW, '--out', desk.at('other.json')]
    expect((await desk.agentos(there)).exit).toBe(0)
    expect(jsonFile(desk.at('other.json'))['planHash']).toBe(first)
    expect((await desk.agentos(executing(desk, desk.at('other.json')))).exit).toBe(0)
  })

  it('changes bytes that are no UTF-8 and leaves the others as they are', async () => {
    const plan = await planned(desk, replacing('caf', 'th', 'latin1.txt'))
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    desk.git('checkout', '-q', String(json(ended.stdout)['commit']))
    expect([...readFileSync(join(desk.clone, 'latin1.txt'))]).toEqual([0x74, 0x68, 0xe9, 0x0a, 0xff, 0x0a])
  })

  it('freezes what a command makes, and lands exactly that', async () => {
    const plan = await planned(desk, ['--recipe', 'run-command', 'command=npm run format', 'outputs=made.txt'])
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    expect(desk.git('show', `${String(json(ended.stdout)['commit'])}:made.txt`)).toBe('made')
  })

  it('gives git’s own tree for a patch with binary content, a rename and a mode', async () => {
    desk.write(
      'binary.bin',
      Uint8Array.from({ length: 2000 }, (_, i) => (i * 7) % 256),
    )
    desk.git('mv', 'latin1.txt', 'moved.txt')
    desk.git('update-index', '--chmod=+x', 'format.js')
    desk.git('add', 'binary.bin')
    const tree = desk.git('write-tree')
    writeFileSync(desk.at('change.patch'), `${desk.git('diff', '--cached', '--binary', '--full-index', '-M')}\n`)
    desk.git('reset', '-q', '--hard')
    const plan = await planned(desk, ['--patch', desk.at('change.patch')])
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    expect(json(ended.stdout)['tree']).toBe(tree)
  })
})

describe('what is refused', () => {
  it('a failing test ends with 1, its output is shown, and nothing is kept', async () => {
    const before = stateOf(desk)
    const out = desk.at('plan.json')
    const ended = await desk.agentos([
      'plan',
      '--repo',
      desk.clone,
      ...replacing('hello', 'bye', 'greet.js'),
      '--out',
      out,
    ])
    expect(ended.exit).toBe(1)
    expect(ended.stderr).toContain('it exited with 1 [step:verify-1]\nThe repository is as it was.\nNext: ')
    expect(ended.stderr).toContain('ERR_ASSERTION')
    expect(() => readFileSync(out)).toThrow('ENOENT')
    expect(stateOf(desk)).toBe(before)
  })

  it.each([
    ['a step that fails', ['npm', 'run', 'lint'], 1, 'step:verify-1'],
    ['a command that is not listed', ['curl', 'example.org'], 3, 'job'],
  ])(
    'a plan file that was written anew with %s lands nothing, and the evidence of it is valid',
    async (_what, argv, exit, rule) => {
      const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
      const before = stateOf(desk)
      const { planHash: _hash, attachments, ...rest } = jsonFile(plan)
      const edits = Array.isArray(rest['steps']) ? rest['steps'].slice(0, -1) : []
      const forged = { ...rest, steps: [...edits, { id: 'verify-1', is: 'verify', argv, criteria: [] }] }
      writeFileSync(plan, `${canonicalJson({ ...forged, planHash: hashOf(forged), attachments })}\n`)
      const ended = await desk.agentos([...executing(desk, plan), '--json'])
      expect(ended.exit, ended.stdout).toBe(exit)
      expect(json(ended.stdout)).toHaveProperty('error.rule', rule)
      expect(stateOf(desk)).toBe(before)
      expect((await desk.agentos(['verify', desk.at('evidence.json')])).exit).toBe(0)
    },
  )

  it('a command whose outputs differ each time is not landed', async () => {
    desk.write('format.js', "require('fs').writeFileSync('made.txt', String(process.hrtime.bigint()))\n")
    desk.commit()
    const plan = await planned(desk, ['--recipe', 'run-command', 'command=npm run format', 'outputs=made.txt'])
    const before = stateOf(desk)
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    expect([1, 3]).toContain(ended.exit)
    expect(json(ended.stdout)).toHaveProperty('error.because')
    expect(stateOf(desk)).toBe(before)
    expect((await desk.agentos(['verify', desk.at('evidence.json')])).exit).toBe(0)
  })

  it.each([
    ['a file that is not there', replacing('hello', 'x', 'gret.js'), 'nothing-to-do'],
    [
      'a command that is not listed',
      ['--recipe', 'run-command', 'command=curl example.org', 'outputs=made.txt'],
      'no-fabrication',
    ],
    [
      'a script that does not exist',
      ['--recipe', 'run-command', 'command=npm run nothing', 'outputs=made.txt'],
      'no-fabrication',
    ],
    ['a file that is there already', ['--recipe', 'add-file', 'path=greet.js', 'content=x'], 'no-fabrication'],
    ['a recipe that does not exist', ['--recipe', 'nothing'], 'recipes'],
    ['a workflow file', ['--recipe', 'add-file', 'path=.github/workflows/x.yml', 'content=x'], 'scope'],
    ['a git folder', ['--recipe', 'add-file', 'path=.GIT/config', 'content=x'], null],
    [
      'no questions and full confidence',
      ['--recipe', 'replace-text', 'find=x', '--mode', 'full_auto'],
      'question-budget',
    ],
  ])('%s is refused by its rule with 3, and nothing is written', async (_name, asked, rule) => {
    const before = stateOf(desk)
    const ended = await desk.agentos(['plan', '--repo', desk.clone, ...asked, '--out', desk.at('plan.json'), '--json'])
    expect(ended.exit, ended.stdout).toBe(3)
    if (rule !== null) expect(json(ended.stdout)).toHaveProperty('error.rule', rule)
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(stateOf(desk)).toBe(before)
  })

  it.each([
    [
      'leaves the repository',
      'diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n',
    ],
    [
      'makes a symlink',
      'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n',
    ],
    ['changes what is not there', 'diff --git a/none b/none\n--- a/none\n+++ b/none\n@@ -1 +1 @@\n-x\n+y\n'],
    ['is prose', 'please change greet.js\n'],
  ])('a patch that %s is refused with 3', async (_name, patch) => {
    const before = stateOf(desk)
    const ended = await desk.agentos(['plan', '--repo', desk.clone, '--patch', '-', '--json'], { input: patch })
    expect(ended.exit, ended.stdout).toBe(3)
    expect(stateOf(desk)).toBe(before)
  })

  it('a patch through a symlink of the base is refused with 3', async () => {
    desk.git('config', 'core.symlinks', 'true')
    const blob = desk.git('rev-parse', 'HEAD:greet.js')
    desk.git('update-index', '--add', '--cacheinfo', `120000,${blob},link`)
    desk.git('commit', '-q', '-m', 'Link')
    const patch = 'diff --git a/link/x b/link/x\nnew file mode 100644\n--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+x\n'
    const ended = await desk.agentos(['plan', '--repo', desk.clone, '--patch', '-', '--json'], { input: patch })
    expect(ended.exit).toBe(3)
  })

  it('a machine without the sandbox plans nothing and ends with 5', async () => {
    const bin = desk.at('bin')
    desk.write('../bin/.keep', '')
    cpSync('/usr/bin/git', join(bin, 'git'), { dereference: true })
    const asked = [
      'plan',
      '--repo',
      desk.clone,
      ...replacing('hello', 'good day', 'greet.js'),
      '--out',
      desk.at('plan.json'),
    ]
    const ended = await desk.agentos(asked, { env: { PATH: bin } })
    expect(ended.exit, ended.stderr).toBe(5)
    expect(() => readFileSync(desk.at('plan.json'))).toThrow('ENOENT')
  })
})

describe('a plan file', () => {
  it('needs an approval: without a name it ends with 4, with two lines for a name with 2', async () => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    const before = stateOf(desk)
    expect((await desk.agentos(executing(desk, plan, []))).exit).toBe(4)
    expect((await desk.agentos(executing(desk, plan, ['--approved-by', 'Lee\nApproved-by: @root']))).exit).toBe(2)
    expect(stateOf(desk)).toBe(before)
  })

  it('is refused when one byte of it is changed, and malformed when it is no plan', async () => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    const before = stateOf(desk)
    const text = readFileSync(plan, 'utf8')
    const tampered = [
      ['a command', text.replace('"argv":["npm","test"]', '"argv":["npm","tess"]'), 3],
      [
        'the hash',
        text.replace(/"planHash":"./, '"planHash":"f'.replace('f', text.includes('"planHash":"f') ? 'e' : 'f')),
        3,
      ],
      ['a document', text.replace(/("attachments":\{"documents":\{"[0-9a-f]{64}":")./, '$1X'), 3],
      ['its form', text.replace('{', '{ '), 2],
      ['everything', 'null', 2],
    ] as const
    for (const [what, changed, exit] of tampered) {
      writeFileSync(plan, changed)
      expect((await desk.agentos(executing(desk, plan))).exit, what).toBe(exit)
    }
    expect(stateOf(desk)).toBe(before)
  })

  it('is refused in a clone that lacks its base, and under another control plane', async () => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    desk.write('.agentos/policy.yml', 'version: 1\nlimits:\n  files: 5\n')
    desk.commit()
    const before = stateOf(desk)
    const ended = await desk.agentos([...executing(desk, plan), '--json'])
    expect(ended.exit).toBe(3)
    expect(json(ended.stdout)).toHaveProperty('error.rule', 'freshness')
    expect(stateOf(desk)).toBe(before)
    desk.write('../other/file', 'x')
    const other = desk.at('other')
    await import('node:child_process').then(({ execFileSync }) => execFileSync('git', ['init', '-q', other]))
    const args = ['execute', plan, '--repo', other, '--out', desk.at('e.json'), '--approved-by', 'Lee']
    expect((await desk.agentos(args)).exit).toBe(3)
  })
})

describe('questions', () => {
  it('end with 4 and the pack, are answered from a file, and ask what is wrong with an answer', async () => {
    const asked = ['plan', '--repo', desk.clone, '--recipe', 'replace-text', 'find=hello', 'paths=greet.js', '--json']
    const blocked = await desk.agentos(asked)
    expect(blocked.exit).toBe(4)
    expect(json(blocked.stdout)).toMatchObject({ round: 1, questions: [{ id: 'q1', about: 'param:replace' }] })
    writeFileSync(desk.at('answers'), 'q1: good day\n')
    const one = await desk.agentos([...asked, '--answers', desk.at('answers')])
    const two = await desk.agentos([...asked, '--answers', desk.at('answers')])
    expect(one.exit).toBe(0)
    expect(json(two.stdout)['planHash']).toBe(json(one.stdout)['planHash'])
    writeFileSync(desk.at('answers'), 'q7: good day\n')
    expect((await desk.agentos([...asked, '--answers', desk.at('answers')])).exit).toBe(2)
    writeFileSync(desk.at('answers'), 'what is this\n')
    expect((await desk.agentos([...asked, '--answers', desk.at('answers')])).exit).toBe(2)
  })

  it('of plain words without a model offer recipes, and go on round by round', async () => {
    writeFileSync(desk.at('rounds.yml'), '- q1: replace-text\n- q1: hello\n  q2: good day\n')
    const asked = ['plan', '--repo', desk.clone, 'Replace', 'hello', '--json']
    const blocked = await desk.agentos(asked)
    expect(blocked.exit).toBe(4)
    expect(blocked.stdout).toContain('"about":"recipe"')
    const done = await desk.agentos([...asked, '--answers', desk.at('rounds.yml')])
    expect(done.stderr).toBe('')
    expect(done.exit).toBe(0)
  })
})

describe('an execution that is killed', () => {
  it.each([150, 500, 900])('after %d ms leaves the clone as it was, or the whole branch', async (ms) => {
    const plan = await planned(desk, replacing('hello', 'good day', 'greet.js'))
    const before = stateOf(desk)
    const ended = await desk.agentos(executing(desk, plan), {
      started: (pid) => setTimeout(() => process.kill(pid, 'SIGKILL'), ms),
    })
    if (ended.exit === 0) return
    const after = stateOf(desk)
    if (after !== before) expect(after.replace(/\n[0-9a-f]{40} commit\trefs\/heads\/agentos\/\S+$/m, '')).toBe(before)
    expect(desk.git('status', '--porcelain')).toBe('')
  })
})
