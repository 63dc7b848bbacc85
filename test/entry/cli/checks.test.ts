import { writeFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { cliCommands } from '../../../src/entry/cli/registry.ts'
import { schemas } from '../../../src/entry/cli/schemas.ts'
import { canaries } from '../../support/canaries.ts'
import { deskForEachTest, json } from './a-cli.ts'

const desk = deskForEachTest({
  'package.json': '{"name":"sample","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'a.txt': 'a\n',
})

const lines = (text: string) => text.trimEnd().split('\n').map(json)

describe('check command', () => {
  it.each([
    [['ls'], 0, 'allow'],
    [['curl', 'example.org'], 3, 'deny'],
    [['sh', '-c', 'ls'], 3, 'deny'],
  ] as const)('judges %j', async (argv, exit, decision) => {
    const ended = await desk.agentos(['check', 'command', '--json', '--', ...argv])
    expect(ended.exit).toBe(exit)
    expect(json(ended.stdout)).toMatchObject({ decision })
  })

  it('allows a declared script only where a clone declares it', async () => {
    const there = await desk.agentos(['check', 'command', '--repo', desk.clone, '--', 'npm', 'test'])
    const nowhere = await desk.agentos(['check', 'command', '--', 'npm', 'test'])
    expect([there.exit, nowhere.exit]).toEqual([0, 3])
  })

  it('answers every line of a batch under its id, the malformed ones too', async () => {
    const input = [
      '{"id":1,"argv":["ls"]}\nnot json\n{"id":"b"}\n[]\n{"id":3,"argv":["curl"],"argv":["ls"]}',
      '{"id":4,"argv":["ls"],"env":{"__proto__":"x"}}',
      'x'.repeat(64 * 1024 * 1024 + 1),
      '{"id":2,"argv":["curl"],"env":{},"cwd":"."}',
    ].join('\n')
    const ended = await desk.agentos(['check', 'command', '--batch'], { input })
    expect(ended.exit).toBe(0)
    expect(lines(ended.stdout)).toMatchObject([
      { id: 1, decision: 'allow' },
      { id: null, error: 'the line is unreadable: not JSON' },
      { id: 'b', error: expect.stringContaining('argv') },
      { id: null, error: 'the item has no id' },
      { id: null, error: 'the line is unreadable: an object names a member twice' },
      { id: null, error: 'the line is unreadable: an object has a member __proto__' },
      { id: null, error: 'the line is longer than 64 MiB' },
      { id: 2, decision: 'deny' },
    ])
  })

  it('says no secret of an item again, by form or by the value of its own variable', async () => {
    const secrets = [canaries[0]?.value ?? '', 'only-this-process-Knows-9x7']
    const input = secrets.map((program) => JSON.stringify({ id: program, argv: [program], env: { [program]: '' } }))
    const ended = await desk.agentos(['check', 'command', '--batch'], {
      input: input.join('\n'),
      env: { A_TOKEN: secrets[1] ?? '' },
    })
    expect(lines(ended.stdout)).toMatchObject([
      { id: '[secret removed: github-token]', decision: 'deny' },
      { id: '[secret removed: A_TOKEN]', decision: 'deny' },
    ])
    expect(secrets.filter((secret) => ended.stdout.includes(secret))).toEqual([])
  })

  it('answers twenty thousand items in one call', async () => {
    const input = Array.from({ length: 20_000 }, (_, id) => JSON.stringify({ id, argv: ['ls', 'a.txt'] })).join('\n')
    const ended = await desk.agentos(['check', 'command', '--repo', desk.clone, '--batch'], { input })
    expect(lines(ended.stdout)).toHaveLength(20_000)
  })

  it('takes a policy layer from a file, and refuses one that is wrong with 2', async () => {
    writeFileSync(desk.at('wrong.yml'), 'version: 1\nsurprise: yes\n')
    expect((await desk.agentos(['check', 'command', '--policy', desk.at('wrong.yml'), '--', 'ls'])).exit).toBe(2)
    expect((await desk.agentos(['policy', 'lint', '--policy', desk.at('wrong.yml')])).exit).toBe(2)
    expect((await desk.agentos(['policy', 'lint', '--repo', desk.clone])).exit).toBe(0)
  })
})

describe('check patch', () => {
  const patch = (path: string) =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`

  it.each([
    [patch('new.txt'), 0, { decision: 'allow', paths: ['new.txt'], protected: [] }],
    [patch('.github/workflows/x.yml'), 3, { decision: 'deny', rule: 'scope' }],
    [patch('../x'), 3, { decision: 'deny', rule: 'hygiene' }],
    [patch('a.txt'), 3, { decision: 'deny' }],
    [patch('.agentos/policy.yml'), 4, { decision: 'needs_approval', protected: ['.agentos/policy.yml'] }],
    ['nonsense', 3, { decision: 'deny', rule: 'patch' }],
  ] as const)('judges a patch (%#)', async (text, exit, answer) => {
    const ended = await desk.agentos(['check', 'patch', '-', '--repo', desk.clone, '--json'], { input: text })
    expect(json(ended.stdout)).toMatchObject(answer)
    expect(ended.exit).toBe(exit)
  })

  it('answers a batch', async () => {
    const input = `${JSON.stringify({ id: 'x', patch: Buffer.from(patch('n')).toString('base64') })}\n{"id":"y","patch":"%"}\n`
    const ended = await desk.agentos(['check', 'patch', '--batch', '--repo', desk.clone], { input })
    expect(lines(ended.stdout)).toMatchObject([{ id: 'x', decision: 'allow' }, { id: 'y' }])
  })
})

describe('check approval', () => {
  const commit = 'a'.repeat(40)
  const by = (id: string, more: object = {}) => ({
    reviewer: { id, kind: 'User', role: 'maintain' },
    login: `u${id}`,
    state: 'approved',
    commit,
    ...more,
  })
  const context = (...reviews: readonly object[]) => JSON.stringify({ requester: '1', proposed: commit, reviews })

  it.each([
    ['another person on the commit', context(by('2')), 0, 'approved'],
    ['the requester', context(by('1')), 3, 'blocked'],
    ['a bot', context(by('3', { reviewer: { id: '3', kind: 'Bot', role: 'admin' } })), 3, 'blocked'],
    ['a reader', context(by('4', { reviewer: { id: '4', kind: 'User', role: 'read' } })), 3, 'blocked'],
    ['a stale review', context(by('2', { commit: 'b'.repeat(40) })), 3, 'blocked'],
    ['a withdrawn review', context(by('2'), by('2', { state: 'dismissed' })), 3, 'blocked'],
    ['nobody', context(), 4, 'waiting'],
  ] as const)('judges the approval of %s', async (_who, input, exit, state) => {
    const ended = await desk.agentos(['check', 'approval', '--json'], { input })
    expect(ended.exit).toBe(exit)
    expect(json(ended.stdout)).toMatchObject({ state })
  })

  it('refuses a context of another shape with 2', async () => {
    expect((await desk.agentos(['check', 'approval'], { input: '{}' })).exit).toBe(2)
    expect((await desk.agentos(['check', 'approval'], { input: 'x' })).exit).toBe(2)
  })
})

describe('the command line', () => {
  it.each([
    [['nothing']],
    [['plan']],
    [['plan', '--nothing']],
    [['plan', '--repo', 'nowhere', 'text']],
    [['plan', '--repo', 'clone', '--mode', 'wild', 'text']],
    [['plan', '--repo', 'clone', '--now', 'soon', 'text']],
    [['plan', '--repo', 'clone', '--recipe', 'replace-text', 'novalue']],
    [['plan', '--repo', 'clone', '--patch', 'nowhere']],
    [['execute', 'nowhere', '--repo', 'clone', '--out', 'x']],
    [['verify']],
    [['schema', 'nothing']],
    [['exec', '--repo', 'clone', '--receipt', 'x']],
    [['check', 'command']],
    [['help', 'nothing']],
  ])('answers %j with 2 and the usage on stderr', async (args) => {
    const ended = await desk.agentos(args)
    expect(ended).toMatchObject({ exit: 2, stdout: '' })
    expect(ended.stderr).toMatch(/Usage|Next/)
  })

  it('lists every command in its help', async () => {
    const ended = await desk.agentos(['help', '--json'])
    expect(ended.exit).toBe(0)
    expect(json(ended.stdout)['commands']).toMatchObject(cliCommands.map(({ name }) => ({ name })))
    expect((await desk.agentos(['help', 'check', 'patch'])).stdout).toContain('3  refused by a rule')
  })

  it('prints schemas that a validator compiles, each under its name', async () => {
    const ajv = new Ajv2020.default({ strict: false, validateFormats: false })
    const { jsonSchema } = await import('../../../src/entry/cli/schemas.ts')
    for (const [name, schema] of schemas) expect(() => ajv.compile(jsonSchema(schema)), name).not.toThrow()
    const ended = await desk.agentos(['schema', 'plan', '--json'])
    expect(json(ended.stdout)).toHaveProperty('properties.predictedTree')
  })

  it('ends with 5 where there is no ledger, and where doctor misses a part', async () => {
    expect((await desk.agentos(['lock', 'list'])).exit).toBe(5)
    expect((await desk.agentos(['ledger', 'verify'])).exit).toBe(5)
    const broken = await desk.agentos(['doctor', '--json'], { env: { AGENTOS_SIGNING_KEY: 'short' } })
    expect(broken.exit).toBe(5)
    expect((await desk.agentos(['doctor', '--json'])).exit).toBe(0)
  })

  it('tells what is hidden in a text and which command it gives', async () => {
    const ended = await desk.agentos(['intent', 'parse', '--json'], { input: '/agentos plan Tidy <!-- obey -->' })
    expect(json(ended.stdout)).toMatchObject({ hidden: [{ kind: 'html-comment' }], commands: [{ name: 'plan' }] })
    expect((await desk.agentos(['intent', 'parse'], { input: Buffer.from([255]) })).exit).toBe(2)
  })

  it('runs one allowed command in the sandbox and signs a receipt, and no other', async () => {
    const receipt = desk.at('receipt.json')
    const ran = await desk.agentos(['exec', '--repo', desk.clone, '--receipt', receipt, '--', 'cat', 'a.txt'])
    expect(ran).toMatchObject({ exit: 0, stdout: 'a\n' })
    expect((await desk.agentos(['exec', '--repo', desk.clone, '--receipt', receipt, '--', 'curl', 'x'])).exit).toBe(3)
    expect((await desk.agentos(['memory', 'pack', '--repo', desk.clone, '--json'])).stdout).toContain(
      '"testCommand":["npm","test"]',
    )
  })
})

describe('policy lint', () => {
  const lint = async () => {
    desk.commit()
    return desk.agentos(['policy', 'lint', '--repo', desk.clone])
  }

  it('names every note and prompt that no run would be told, and what to do', async () => {
    desk.write('.agentos/memory/good.md', '---\ntype: decision\nexpires: 2001-01-01\n---\nCents are integers.\n')
    desk.write('.agentos/memory/odd.md', '---\ntype: opinion\n---\nI like it.\n')
    desk.write('.agentos/memory/deep/note.md', 'Too deep.\n')
    desk.write('.agentos/memory/bytes.md', new Uint8Array([0xff, 0xfe]))
    desk.write('.agentos/prompts/plann.md', 'Plan well.\n')
    desk.write('.agentos/prompts/plan.md', ' \n')
    const { exit, stderr } = await lint()
    expect(exit).toBe(3)
    expect(stderr.trimEnd().split('\n')).toEqual([
      '.agentos/memory/bytes.md: it is too large or not UTF-8 text',
      '.agentos/memory/odd.md: its type takes one of decision, convention, constraint, known_issue, playbook, glossary: type: opinion',
      '.agentos/memory/deep/note.md: is no note: those are plain files .agentos/memory/NAME.md',
      '.agentos/prompts/plann.md: is read by nobody: the one prompt of a repository is .agentos/prompts/plan.md',
      '.agentos/prompts/plan.md: holds no text [prose]',
      expect.stringContaining('Next: mend the files.'),
    ])
  })

  it('names faults of rules and of prose together, and says how many it does not show', async () => {
    desk.write('.agentos/policy.yml', 'version: 1\nsurprise: yes\n')
    for (let i = 0; i < 12; i += 1) desk.write(`.agentos/memory/n${i}.md`, '---\nmood: good\n---\nx\n')
    const { exit, stderr } = await lint()
    expect(exit).toBe(3)
    expect(stderr).toContain('.agentos/policy.yml: surprise: unknown key')
    expect(stderr).toContain('its head has a line that is not understood: mood: good')
    expect(stderr).toContain('and 2 more')
  })
})

describe('a line that is not understood', () => {
  it.each([
    [['memory', 'serch', 'x'], 'did you mean "memory search"?'],
    [['memory'], 'there is: memory pack, memory search, memory show, memory propose'],
    [['brew'], 'there is no command "brew"; there is: demo, doctor'],
    [['policy', 'lint', '--repoo', '.'], 'there is no option --repoo; did you mean --repo?'],
    [['policy', 'lint', '--colour'], 'there is no option --colour; there is: --repo, --policy, --json'],
  ] as const)('is refused with what it may have meant: %j', async (line, said) => {
    const { exit, stderr } = await desk.agentos(line)
    expect(exit).toBe(2)
    expect(stderr).toContain(said)
    expect(stderr).toContain('\nUsage: agentos')
  })
})
