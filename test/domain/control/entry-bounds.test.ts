import { describe, expect, it } from 'vitest'
import { narrowed } from '../../../src/app/runner/command.ts'
import { judgeCommand } from '../../../src/domain/control/allowlist.ts'
import { capabilitiesFor } from '../../../src/domain/job-capabilities.ts'
import { facts, load, loaded } from './shipped.ts'

const entry = (more: string, program = 'npm') => `
version: 1
commands:
  - id: own
    decision: allow
    runs: repository-code
    program: ${program}
    subcommand: [docs]
${more.replace(/^/gm, '    ')}
`
const judge = (policy: string, argv: readonly string[], known = facts) =>
  judgeCommand({ argv, env: {}, cwd: '.' }, loaded({ 'policy.yml': policy }).policy, known)

describe('an entry of the allowlist', () => {
  it('says hosts, variables, limits and outputs, and its verdict repeats them', () => {
    const policy = entry(
      'network: { hosts: [api.example.org] }\nlimits: { wallMs: 1000 }\nenv: { NODE_ENV: test }\noutputs: [docs/**]',
    )
    expect(judge(policy, ['npm', 'docs'])).toMatchObject({
      decision: 'allow',
      network: 'entry-hosts',
      hosts: ['api.example.org'],
      limits: { wallMs: 1000 },
      env: { NODE_ENV: 'test' },
      outputs: ['docs/**'],
    })
  })

  it('has no network, no variables and no limits of its own where it says nothing', () => {
    expect(judge(entry(''), ['npm', 'docs'])).toMatchObject({ network: 'none', hosts: [], env: {}, limits: {} })
    expect(judge(entry('network: none'), ['npm', 'docs'])).toMatchObject({ network: 'none', hosts: [] })
  })

  it.each(
    (
      'LD_PRELOAD NODE_OPTIONS GIT_DIR GIT_SSH_COMMAND PATH BASH_ENV npm_config_registry NPM_CONFIG_SCRIPT_SHELL PYTHONPATH ' +
      'PYTHONSTARTUP MAKEFLAGS TAR_OPTIONS RUSTC_WRAPPER GOFLAGS JAVA_TOOL_OPTIONS HOME PHPRC CURL_HOME OPENSSL_CONF ' +
      'CFLAGS PIP_INDEX_URL GITHUB_TOKEN NPM_TOKEN API_KEY DB_PASSWORD MY_SECRET SIGNING_KEY lower'
    ).split(' '),
  )('cannot set %s', (name) => {
    expect(load({ 'policy.yml': entry(`env: { ${name}: x }`) }).ok).toBe(false)
    expect(load({ 'policy.yml': `version: 1\nenvironment: [${name}]\n` }).ok).toBe(false)
  })

  it.each(['/etc/passwd', '../x', 'a b', '$(id)', 'a;b', `"\\u202e"`])('cannot set a variable to %s', (value) => {
    expect(load({ 'policy.yml': entry(`env: { NODE_ENV: '${value}' }`) }).ok).toBe(false)
  })

  it.each(['127.0.0.1/x', 'localhost', '*.example.org', 'HTTP://x.org', 'example.org:80'])(
    'cannot name the host %s',
    (host) => {
      expect(load({ 'policy.yml': entry(`network: { hosts: ['${host}'] }`) }).ok).toBe(false)
    },
  )

  it('cannot widen a limit of the policy, and a run takes the narrower one in any case', () => {
    expect(load({ 'policy.yml': entry('limits: { wallMs: 600001 }') })).toMatchObject({
      ok: false,
      refusal: [{ key: 'commands.own.limits.wallMs' }],
    })
    const sizes = { memoryBytes: 10, outputBytes: 10, fileBytes: 10, diskBytes: 10 }
    const most = { wallMs: 10, cpuSeconds: 10, processes: 10, files: 10, ...sizes }
    expect(narrowed(most, { wallMs: 5, memoryBytes: 50 })).toEqual({ ...most, wallMs: 5 })
  })

  it('may name a program of the checkout, which is a plain file of it and runs its code', () => {
    const policy = entry('', './tools/run.sh')
    const here = { ...facts, files: (path: string) => (path === 'tools/run.sh' ? ('file' as const) : null) }
    const linked = { ...facts, files: (path: string) => (path === 'tools' ? ('symlink' as const) : null) }
    expect(judge(policy, ['./tools/run.sh', 'docs'], here).decision).toBe('allow')
    for (const known of [facts, linked]) {
      expect(judge(policy, ['./tools/run.sh', 'docs'], known)).toMatchObject({ decision: 'deny', rule: 'argv.program' })
    }
    expect(judge(policy, ['tools/../tools/run.sh', 'docs'], here).decision).toBe('deny')
    expect(load({ 'policy.yml': policy.replace('repository-code', 'inspects') }).ok).toBe(false)
    for (const program of ['/bin/sh', '../x', './a/../b', './.', 'a//b']) {
      expect(load({ 'policy.yml': entry('', `'${program}'`) }).ok, program).toBe(false)
    }
  })

  it('admits a wrapper only where it names it, and only in the form that runs exactly its program', () => {
    const here = { ...facts, files: (path: string) => (path === 'run.sh' ? ('file' as const) : null) }
    const script = entry('through: [bash]', './run.sh')
    for (const argv of ['bash run.sh docs', 'bash ./run.sh docs', 'bash -e run.sh docs', 'bash -eux run.sh docs']) {
      expect(judge(script, argv.split(' '), here).decision, argv).toBe('allow')
    }
    for (const argv of [
      'sh run.sh docs',
      'bash -c docs',
      'bash -s run.sh docs',
      'bash --rcfile run.sh docs',
      'bash -ec run.sh docs',
      'bash run.sh other',
      'bash other.sh docs',
      'bash -- run.sh docs',
      'bash /run.sh docs',
      'bash -e -i run.sh docs',
      'env bash run.sh docs',
      'bash bash run.sh docs',
    ]) {
      expect(judge(script, argv.split(' '), here).decision, argv).toBe('deny')
    }
    const tool = entry('through: [npx]', 'typedoc')
    expect(judge(tool, ['npx', 'typedoc', 'docs']).decision).toBe('allow')
    for (const argv of [
      'npx -y typedoc docs',
      'npx -c typedoc',
      'npx typedoc@1 docs',
      'npx other docs',
      'npx npx typedoc docs',
    ]) {
      expect(judge(tool, argv.split(' ')).decision, argv).toBe('deny')
    }
    expect(judge(entry('', 'typedoc'), ['npx', 'typedoc', 'docs'])).toMatchObject({ rule: 'argv.wrapper' })
    expect(load({ 'policy.yml': tool.replace('repository-code', 'inspects') }).ok).toBe(false)
    expect(load({ 'policy.yml': entry('through: [xargs]') }).ok).toBe(false)
  })

  describe('of a script that its own shell may stand before', () => {
    const here = { ...facts, files: (path: string) => (path === 'scripts/x.sh' ? ('file' as const) : null) }
    const text = 'operands: [{ word: { is: text }, times: any }]'
    const policyOf = (publish: string) => `
version: 1
commands:
  - { id: any, decision: allow, runs: repository-code, program: scripts/x.sh, through: [sh], ${text} }
  - { id: deploy, decision: deny, program: scripts/x.sh, subcommand: [deploy], reason: people deploy }
  - { id: publish, decision: needs_approval, runs: repository-code, program: ./scripts/x.sh, subcommand: [publish]${publish} }
`
    const spellings = ['scripts/x.sh', './scripts/x.sh', 'sh scripts/x.sh', 'sh ./scripts/x.sh', 'sh -eu scripts/x.sh']
    const said = (policy: string, words: string) => judge(policy, words.split(' '), here)

    it.each(spellings)('is denied in every spelling: %s deploy', (spelling) => {
      expect(said(policyOf(''), `${spelling} deploy`)).toMatchObject({ decision: 'deny', rule: 'deploy' })
      expect(said(policyOf(''), `${spelling} test`)).toMatchObject({ decision: 'allow', rule: 'any' })
    })

    it.each(spellings)('asks for an approval in every spelling: %s publish', (spelling) => {
      const verdict = said(policyOf(', through: [sh]'), `${spelling} publish`)
      expect(verdict).toMatchObject({ decision: 'needs_approval', rule: 'publish' })
    })

    it('is not run by a shell that only a laxer rule names', () => {
      expect(said(policyOf(''), 'scripts/x.sh publish').decision).toBe('needs_approval')
      for (const shell of ['sh scripts/x.sh', 'sh ./scripts/x.sh']) {
        expect(said(policyOf(''), `${shell} publish`)).toMatchObject({ decision: 'deny', rule: 'argv.wrapper' })
      }
      expect(said(policyOf(', through: [bash]'), 'bash scripts/x.sh test').decision).toBe('deny')
    })

    it('is denied by a bare name too, which permits no file of the checkout', () => {
      const root = { ...facts, files: (path: string) => (path === 'run.sh' ? ('file' as const) : null) }
      const denied = `${entry('through: [bash]', './run.sh')}  - { id: no, decision: deny, program: run.sh, reason: never }\n`
      for (const words of ['./run.sh docs', 'bash run.sh docs', 'bash ./run.sh docs']) {
        expect(judge(denied, words.split(' '), root), words).toMatchObject({ decision: 'deny', rule: 'no' })
      }
      expect(judge(entry('', 'run.sh'), ['./run.sh', 'docs'], root).decision).toBe('deny')
      expect(judge(entry('', './run.sh'), ['run.sh', 'docs'], root).decision).toBe('deny')
    })
  })

  it('gives a Grant the hosts that the step of a plan names', () => {
    const step = {
      id: 'verify-1',
      is: 'verify',
      argv: ['npm', 'docs'],
      criteria: [],
      hosts: ['api.example.org'],
    } as const
    const steps = [{ ...step, argv: [...step.argv], criteria: [], hosts: [...step.hosts] }]
    expect(capabilitiesFor('a'.repeat(40), steps)).toContainEqual({
      effect: 'command',
      argv: ['npm', 'docs'],
      network: ['api.example.org'],
    })
  })
})
