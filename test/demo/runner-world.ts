import { execFile } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { parseYaml } from '../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { localRepository } from '../../src/adapters/git/local-repository.ts'
import { controllerKey } from '../../src/app/evidence/export.ts'
import { describeModules } from '../../src/app/recipe-modules.ts'
import { startLocalGithub } from '../../src/demo/github/local-github.ts'
import { startLocalOidc } from '../../src/demo/oidc.ts'
import { type JobRecord, type LocalRunnerOptions, startLocalRunner } from '../../src/demo/runner.ts'
import { governed } from '../../src/domain/control/governed.ts'
import { loadManifest } from '../../src/domain/control/load-manifest.ts'
import { applyEdits, blobId } from '../../src/domain/git-objects.ts'
import type { Grant } from '../../src/domain/grant.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { capabilitiesFor } from '../../src/domain/job-capabilities.ts'
import { toDocument } from '../../src/domain/packs/documents.ts'
import type { ContentRef, Draft, Plan, Step } from '../../src/domain/packs/plan.ts'
import { Edit } from '../../src/domain/patch/edit.ts'
import { diffSha256 } from '../../src/domain/patch/raw-diff.ts'
import type { Delivery } from '../../src/domain/receipt.ts'
import { modules } from '../../src/entry/modules.ts'
import { type Case, RELEASE, startDesk, type TestDesk } from './runner-desk.ts'

const run = promisify(execFile)
const bundle = join(import.meta.dirname, '../../dist/action.js')

const SCRIPTS = {
  test: 'node --test',
  format: 'node tools/format.mjs',
  'format:random': 'node tools/random.mjs',
  'format:stray': 'node tools/stray.mjs',
  'check:hang': 'node tools/hang.mjs',
  'check:flood': 'node tools/flood.mjs',
  'check:network': 'node tools/network.mjs',
  'check:writes': 'node tools/writes.mjs',
  'check:installed': 'node tools/installed.mjs',
  'check:fails': 'node tools/fails.mjs',
  'build:install': 'node tools/install.mjs',
  'build:overwrite': 'node tools/overwrite.mjs',
  'build:litter': 'node tools/litter.mjs',
}

const write = (file: string, text: string) =>
  `import { writeFileSync } from 'node:fs'\nwriteFileSync('${file}', ${text})\n`

/** A project with a test that passes and commands that misbehave, each in its own way. */
const FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'sample', version: '1.0.0', type: 'module', scripts: SCRIPTS }, null, 2)}\n`,
  'package-lock.json': `${JSON.stringify({ name: 'sample', version: '1.0.0', lockfileVersion: 3, requires: true, packages: { '': { name: 'sample', version: '1.0.0' } } })}\n`,
  '.gitignore': 'node_modules/\n*.log\n',
  'greeting.js': "export const greeting = 'hello'\n",
  'greeting.test.js': `import assert from 'node:assert'\nimport test from 'node:test'\nimport { greeting } from './greeting.js'\ntest('greets', () => assert.match(greeting, /hello/))\n`,
  'list.txt': 'b\na\n',
  'tools/format.mjs': write('list.txt', "'a\\nb\\n'"),
  'tools/random.mjs': write('list.txt', '`${Math.random()}`'),
  'tools/stray.mjs': write('list.txt', "'a\\nb\\n'") + "writeFileSync('greeting.js', 'export const greeting = 1')\n",
  'tools/hang.mjs': 'setInterval(() => 0, 1000)\n',
  'tools/flood.mjs': "const line = 'x'.repeat(1000)\nconst more = () => process.stdout.write(line, more)\nmore()\n",
  'tools/network.mjs': `import { get } from 'node:http'
get({ host: '127.0.0.1', port: 3128, path: 'http://other.example/', headers: { host: 'other.example' } }, (answer) =>
  process.exit(answer.statusCode === 403 ? 0 : 4),
)
`,
  'tools/writes.mjs':
    write('coverage.txt', "'x'") + "writeFileSync('debug.log', 'x')\nconsole.log('::error::forged')\n",
  'tools/installed.mjs': "import { readFileSync } from 'node:fs'\nreadFileSync('node_modules/dep/index.js')\n",
  'tools/fails.mjs': 'process.exit(3)\n',
  'tools/install.mjs': `import { mkdirSync } from 'node:fs'\nmkdirSync('node_modules/dep', { recursive: true })\n${write('node_modules/dep/index.js', "'1'")}`,
  'tools/overwrite.mjs': write('greeting.js', "'1'"),
  'tools/litter.mjs': write('litter.txt', "'1'"),
}

const POLICY = `version: 1
prepare:
  - { argv: [npm, run, -s, "build:install"], when: package.json, hosts: [] }
  - { argv: [npm, run, -s, "build:overwrite"], when: package.json, hosts: [] }
  - { argv: [npm, run, -s, "build:litter"], when: package.json, hosts: [] }
  - { argv: [npm, run, -s, "check:network"], when: package.json, hosts: [package-registry] }
limits: { stepWallMs: 20000, outputBytes: 65536 }
`

export const npm = (script: string) => ['npm', 'run', '-s', script]

/** A local GitHub with one repository, an OIDC issuer, a controller that checks everything, and a runner of real processes. */
export async function aRunnerWorld(options: Partial<Pick<LocalRunnerOptions, 'path' | 'claims' | 'env'>> = {}) {
  const issued: { desk?: TestDesk } = {}
  const oidc = await startLocalOidc()
  const state = { botId: '' }
  const desk = await startDesk({ issuer: oidc.issuer, botId: () => state.botId })
  issued.desk = desk
  const source = await aProject(desk)
  const github = await startLocalGithub({
    webhookSecret: 'secret',
    repositories: [
      { owner: 'acme', name: 'sample', private: true, collaborators: [{ login: 'ana', role: 'write' }], from: source },
    ],
  })
  state.botId = String(github.app.botUserId)
  const runner = startLocalRunner({ github, oidc, bundle, path: process.env['PATH'] ?? '', ...options })
  const repository = await localRepository(source)
  const base = (await repository.resolve('main')) ?? ''
  const tree = await repository.treeOf(base)
  const entries = await repository.entries(base)
  const manifest = await aManifest()
  let count = 0

  const draftOf = (steps: readonly Step[], contents: readonly ContentRef[]): Draft => ({
    v: 1,
    intent: 'a'.repeat(64),
    memory: 'b'.repeat(64),
    manifest: manifest.document.sha256,
    answers: [],
    assumptions: [],
    base: { ref: 'refs/heads/main', sha: base, tree },
    drafter: { is: 'recipe', name: 'test', version: '1' },
    steps: [...steps],
    noVerify: 'tested elsewhere',
    reads: [],
    evidence: [],
    contents: [...contents],
  })
  const grantOf = async (
    rest: Partial<Grant> & Pick<Grant, 'purpose' | 'subject'>,
    steps: readonly Step[],
  ): Promise<Grant> => {
    count += 1
    const seen = await api(github.url, await appToken(github), 'GET', '/repos/acme/sample')
    return {
      v: 1,
      id: `0123456789-${count}`,
      authority: 'github',
      instance: desk.url,
      run: '0123456789',
      repository: { id: String(seen['id']), ownerId: String(Object(seen['owner']).id) },
      base: { sha: base, tree },
      manifest: manifest.document.sha256,
      predictedTree: null,
      approvals: [],
      capabilities: capabilitiesFor(base, steps),
      limits: manifest.limits,
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      ...rest,
    }
  }
  /** Puts bytes on the desk, as a draft would bring them. */
  const content = (text: string): ContentRef => {
    const bytes = Buffer.from(text)
    desk.blobs.set(sha256Hex(bytes), bytes)
    return { blob: blobId(bytes), sha256: sha256Hex(bytes), bytes: bytes.length }
  }
  const stateOf = (path: string) => {
    const found = entries.find((entry) => entry.path === path)
    return found === undefined ? null : { mode: found.mode, blob: found.blob }
  }
  const edit = (path: string, text: string | null) => {
    const ref = text === null ? null : content(text)
    const change: Edit = {
      path,
      before: stateOf(path),
      after: ref === null ? null : { mode: '100644', blob: ref.blob },
    }
    return { change, contents: ref === null ? [] : [ref] }
  }
  const dryRun = async (steps: readonly Step[], contents: readonly ContentRef[] = [], change: Partial<Grant> = {}) => {
    const subject = toDocument(draftOf(steps, contents))
    const grant = await grantOf(
      { purpose: 'dry-run', subject: { is: 'draft', hash: subject.sha256 }, ...change },
      steps,
    )
    return desk.issue(grant, [subject, manifest.document])
  }
  /** The plan that a dry run settled. */
  const planOf = (
    draft: { readonly steps: readonly Step[]; readonly contents: readonly ContentRef[] },
    delivery: Delivery,
  ): Plan => {
    const frozen = new Map(delivery.frozen.map((outputs) => [outputs.step, z.array(Edit).parse(outputs.edits)]))
    const steps = draft.steps.map((step) => (step.is === 'run' ? { ...step, frozen: frozen.get(step.id) ?? [] } : step))
    const edits = steps.flatMap((step) => (step.is === 'edit' ? step.edits : step.is === 'run' ? step.frozen : []))
    const { evidence: _evidence, ...rest } = draftOf(steps, [
      ...draft.contents,
      ...delivery.frozen.flatMap((outputs) => outputs.contents),
    ])
    const applied = applyEdits(entries, edits)
    return {
      ...rest,
      edits,
      diffSha256: diffSha256(edits),
      predictedTree: applied.ok ? applied.value.treeId : '',
      locks: ['task'],
      risk: { level: 'low', reasons: [] },
      lane: 'standard',
      limits: manifest.limits,
    }
  }
  const execution = async (plan: Plan, change: Partial<Grant> = {}, signedBy = desk.signer) => {
    const subject = toDocument(plan)
    const approval = { authority: 'github', reviewId: '1', userId: '2', commit: base, words: 'c'.repeat(64) } as const
    const about = {
      subject: { is: 'plan', hash: subject.sha256 },
      predictedTree: plan.predictedTree,
      approvals: [approval],
    } as const
    const grant = await grantOf({ purpose: 'execute', ...about, approvals: [approval], ...change }, plan.steps)
    return desk.issue(grant, [subject, manifest.document], signedBy)
  }
  const dispatch = async (one: Case, mode: string = one.grant.purpose): Promise<JobRecord> => {
    const done = new Promise<JobRecord>((resolve) => {
      runner.onJob((job) => {
        if (job.inputs['grant'] === one.grant.id) resolve(job)
      })
    })
    const inputs = { grant: one.grant.id, effect: `0123456789/${count}/0`, mode }
    await api(
      github.url,
      await appToken(github),
      'POST',
      '/repos/acme/sample/actions/workflows/agentos.yml/dispatches',
      { ref: 'main', inputs },
    )
    return done
  }
  const close = async () => {
    await runner.close()
    await github.close()
    await oidc.close()
    await desk.close()
    await rm(source, { recursive: true, force: true })
  }
  return {
    limits: manifest.limits,
    desk,
    github,
    oidc,
    runner,
    base,
    tree,
    entries,
    source,
    edit,
    content,
    dryRun,
    planOf,
    execution,
    dispatch,
    close,
  }
}
export type RunnerWorld = Awaited<ReturnType<typeof aRunnerWorld>>

async function aManifest() {
  const shipped = { ref: 'test', files: await readShippedPack() }
  const repository = { ref: 'test', files: [{ path: 'policy.yml', bytes: Buffer.from(POLICY) }] }
  const describe = await describeModules(modules, shipped.files)
  const loaded = loadManifest({ engine: 'test', shipped, repository, parseYaml, describe })
  if (!loaded.ok) throw new TypeError(JSON.stringify(loaded.refusal))
  const { stepWallMs, stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes, runMinutes } =
    loaded.value.policy.limits
  const limits = { stepWallMs, stepCpuSeconds, outputBytes, memoryBytes, processes, fileBytes, runMinutes }
  return { document: toDocument(governed(loaded.value)), limits }
}

/** The user's copy of the workflow file, with the three values filled in. */
export async function userWorkflow(desk: { readonly url: string; readonly publicKey: string }): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../docs/install/agentos.yml'), 'utf8')
  return text
    .replace(`agentos-dev/agentos/.github/workflows/agentos.yml@${'0'.repeat(40)}`, RELEASE)
    .replace('https://agentos.example.com', desk.url)
    .replace(`${'A'.repeat(43)}=`, desk.publicKey)
}

async function aProject(desk: TestDesk): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'a-project-'))
  const { url, signer, retired } = desk
  const workflow = await userWorkflow({ url, publicKey: `${retired.publicKey} ${signer.publicKey}` })
  const keys = [
    { ...controllerKey(retired), state: 'retired', from: 1, until: 9 },
    { ...controllerKey(signer), state: 'current', from: 10 },
  ]
  const pinned = { '.agentos/keys.json': JSON.stringify({ keys }, null, 2) }
  const files = { ...FILES, ...pinned, '.github/workflows/agentos.yml': workflow }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.test', ...args], { cwd: folder })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'First commit')
  return folder
}

async function appToken(github: {
  readonly url: string
  readonly app: { readonly id: number; readonly privateKey: string; readonly installationId: number }
}) {
  const now = Math.floor(Date.now() / 1000)
  const jwt = await new SignJWT({ iat: now - 10, exp: now + 300, iss: String(github.app.id) })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(createPrivateKey(github.app.privateKey))
  const answer = await api(github.url, jwt, 'POST', `/app/installations/${github.app.installationId}/access_tokens`)
  return String(answer['token'])
}

async function api(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new TypeError(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.status === 204 ? {} : Object(await response.json())
}
