import { describe, expect, it } from 'vitest'
import { ed25519Signer } from '../../../src/adapters/signing/ed25519.ts'
import { controllerKey } from '../../../src/app/evidence/export.ts'
import { governed } from '../../../src/domain/control/governed.ts'
import { Manifest, manifestHash } from '../../../src/domain/control/manifest.ts'
import { hashOf } from '../../../src/domain/hash.ts'
import { load, loaded } from './shipped.ts'

const refusalsFor = (files: Readonly<Record<string, string>>) => {
  const manifest = load(files)
  return manifest.ok ? [] : manifest.refusal
}

const policyRefusals = (text: string) => refusalsFor({ 'policy.yml': `version: 1\n${text}` })

const schedule = (recipe: string, params: string) =>
  refusalsFor({
    'schedules.yml': `version: 1
schedules: [{ id: nightly, cron: '0 3 * * *', recipe: ${recipe}, params: ${params}, enabled: true }]
`,
  })

describe('the Manifest', () => {
  it('is one canonical value of its own schema', () => {
    expect(Manifest.parse(loaded())).toEqual(loaded())
    expect(manifestHash(loaded())).toBe(hashOf(governed(loaded())))
  })

  it('has another hash for another rule, and the same for a comment, an order of keys or a place it was read from', () => {
    const plain = loaded({ 'policy.yml': 'version: 1\nmodes: { maxRounds: 2, answerHours: 24 }\n' })
    const told = loaded({ 'policy.yml': '# short\nmodes: { answerHours: 24, maxRounds: 2 }\nversion: 1\n' })
    const other = loaded({ 'policy.yml': 'version: 1\nmodes: { maxRounds: 1, answerHours: 24 }\n' })
    expect(manifestHash(told)).toBe(manifestHash(plain))
    expect(told.layers).not.toEqual(plain.layers)
    expect(manifestHash(other)).not.toBe(manifestHash(plain))
    expect(manifestHash(loaded())).not.toBe(manifestHash(plain))
  })

  it('holds the keys that a repository pins, so that another key is another control plane', () => {
    const [one, other] = [3, 4].map((byte) => controllerKey(ed25519Signer(new Uint8Array(32).fill(byte))))
    const pinned = (...keys: readonly unknown[]) => ({ 'keys.json': JSON.stringify({ keys }) })
    expect(loaded(pinned(one)).keys).toEqual([one])
    const hashes = [{}, pinned(one), pinned(other), pinned(one, other)].map((files) => manifestHash(loaded(files)))
    expect(new Set(hashes).size).toBe(4)
    for (const wrong of [
      pinned(),
      pinned(one, one),
      pinned({ ...one, publicKey: other?.publicKey }),
      { 'keys.json': '{' },
    ])
      expect(refusalsFor(wrong)).toMatchObject([{ file: '.agentos/keys.json' }])
  })

  it('does not change with memory and prompts, which are pinned where they are read', () => {
    expect(manifestHash(loaded({ 'memory/style.md': '# Style', 'prompts/plan.md': 'x' }))).toBe(manifestHash(loaded()))
  })

  it('replaces the fields that a repository names and keeps all others', () => {
    const { policy } = loaded({
      'policy.yml': `version: 1
enabled: false
modes: { questions: { semi_auto: 1 } }
roles: { plan: maintain }
approve: { requester: allowed, approvers: [lee] }
unreproducible: land-approved
`,
    })
    const shipped = loaded().policy
    expect(policy).toEqual({
      ...shipped,
      enabled: false,
      modes: { ...shipped.modes, questions: { interactive: 10, semi_auto: 1, full_auto: 0 } },
      roles: { ...shipped.roles, plan: 'maintain' },
      approve: { ...shipped.approve, requester: 'allowed', approvers: ['lee'] },
      unreproducible: 'land-approved',
    })
  })

  it('adds protected paths and denials, and takes the smaller limit', () => {
    const { policy } = loaded({
      'policy.yml': 'version: 1\nprotectedPaths: [secrets/**]\nlimits: { files: 3 }\nlanes: { light: { lines: 5 } }\n',
    })
    expect(policy.protectedPaths).toEqual([...loaded().policy.protectedPaths, 'secrets/**'])
    expect(policy.limits.files).toBe(3)
    expect(policy.lanes.light).toEqual({ ...loaded().policy.lanes.light, lines: 5 })
  })

  it('refuses a layer that widens a limit or replaces a shipped denial, and says which', () => {
    expect(policyRefusals('limits: { files: 100000 }')).toEqual([
      {
        file: '.agentos/policy.yml',
        key: 'limits.files',
        reason: '100000 is more than the 200 of the shipped policy; a limit may only shrink',
      },
    ])
    expect(policyRefusals('lanes: { light: { lines: 100000 } }')).toMatchObject([{ key: 'lanes.light.lines' }])
    expect(policyRefusals('lanes: { light: { hours: 48 } }')).toMatchObject([{ key: 'lanes.light.hours' }])
    const lifted = 'commands: [{ id: git.push, decision: allow, runs: inspects, program: git, subcommand: [push] }]'
    expect(policyRefusals(lifted)).toMatchObject([{ reason: 'the shipped denial git.push cannot be replaced' }])
  })

  it.each([
    ['requireSandbox: false', 'requireSandbox'],
    ['approve: { whoever: x }', 'approve.whoever'],
    ['modes: { questions: { semi_atuo: 1 } }', 'modes.questions.semi_atuo'],
    ['__proto__: { enabled: true }', '__proto__'],
  ])('names the unknown key in %s', (text, key) => {
    expect(policyRefusals(text)).toContainEqual({ file: '.agentos/policy.yml', key, reason: 'unknown key' })
  })

  it.each([
    ['limits: { files: 1.5 }'],
    ['limits: { files: 0 }'],
    ['modes: { questions: { full_auto: 1 } }'],
    ['modes: { maxRounds: 4 }'],
    ['approve: { count: 0 }'],
    ['approve: { approvers: [] }'],
    ['approve: { role: read }'],
    ['roles: { plan: anyone }'],
    ['enabled:'],
    ['environment: [NODE_OPTIONS]'],
    ['environment: [LD_PRELOAD]'],
    ['environment: [GIT_DIR]'],
    ['environment: [PATH]'],
    ['toolchain: [/etc]'],
    ['toolchain: [/opt/../etc]'],
    ['protectedPaths: [../x]'],
    ['protectedPaths: [/etc]'],
    ['commands: [{ id: sh, decision: allow, runs: inspects, program: bash }]'],
    ['commands: [{ id: sh, decision: allow, runs: inspects, program: ./x }]'],
    ['commands: [{ id: a, decision: allow, program: ls }]'],
    ['prepare: [{ argv: [bash, -c, x], when: package.json, hosts: [] }]'],
    ['prepare: [{ argv: [npm, ci], when: package.json, hosts: ["*"] }]'],
  ])('refuses %s', (text) => {
    expect(policyRefusals(text)).not.toEqual([])
  })

  it.each([
    ['a repeated key', 'version: 1\nenabled: true\nenabled: false\n'],
    ['a merge key', 'version: 1\n<<: { enabled: false }\n'],
    ['a tag', 'version: 1\nenabled: !!js/function "x"\n'],
    ['two documents', 'version: 1\n---\nversion: 1\n'],
    ['an alias bomb', `a: &a [x, x]\nb: &b [${'*a, '.repeat(20)}]\nc: [${'*b, '.repeat(20)}]\n`],
    ['no text', ''],
    ['a list', '- version: 1\n'],
    ['too much text', `version: 1\n#${'x'.repeat(262_144)}\n`],
    ['another version', 'version: 2\n'],
  ])('refuses %s in a policy', (_, text) => {
    expect(refusalsFor({ 'policy.yml': text })).not.toEqual([])
  })

  it('refuses a file that no control plane has, and bytes that are no text', () => {
    for (const path of ['policy.yaml', 'recipes/x.js', 'recipes/../policy.yml', 'workflows/x.yml', 'hooks']) {
      expect(refusalsFor({ [path]: 'version: 1' }), path).toMatchObject([{ file: `.agentos/${path}` }])
    }
  })

  it('refuses a schedule without its recipe, with a parameter missing, unknown or of another type', () => {
    expect(schedule('replace-text', '{ find: a, replace: b }')).toEqual([])
    expect(schedule('absent', '{}')).toMatchObject([{ key: 'nightly', reason: 'there is no recipe absent' }])
    expect(schedule('replace-text', '{ find: a }')).toMatchObject([{ reason: 'replace is missing' }])
    expect(schedule('add-file', '{ path: a, content: b, mode: x }')).toMatchObject([{ reason: 'add-file has no mode' }])
    expect(schedule('add-file', "{ path: ' ', content: b }")).toMatchObject([{ reason: 'path is empty' }])
  })
})
