import { execFile } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { importPKCS8, SignJWT } from 'jose'
import { type LocalGithub, startLocalGithub } from '../../src/demo/github/local-github.ts'
import { checkExchange, type Fault } from '../support/github-api/check-exchange.ts'

const run = promisify(execFile)

export const git = async (dir: string, ...args: readonly string[]): Promise<string> =>
  (await run('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.test', ...args], { cwd: dir })).stdout.trim()

const WORKFLOW = `name: AgentOS
on:
  workflow_dispatch:
    inputs:
      grant: { required: true }
jobs: {}
`

/** A repository with everything that is easy to get wrong: binary, executable, link, odd names. */
export async function aRepository(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'a-repository-'))
  await git(dir, 'init', '--quiet', '--initial-branch=main')
  await put(dir, 'README.md', '# demo\n')
  await put(dir, 'src/deep/é ü#?.txt', 'odd\n')
  await put(dir, 'bin/run.sh', '#!/bin/sh\necho hi\n')
  await chmod(join(dir, 'bin/run.sh'), 0o755)
  await put(dir, 'logo.bin', Buffer.from([0, 255, 254, 13, 10, 128]))
  await symlink('README.md', join(dir, 'link'))
  await put(dir, '.github/workflows/agentos.yml', WORKFLOW)
  await put(dir, '.github/workflows/ci.yml', 'name: CI\non: [push]\njobs: {}\n')
  await git(dir, 'add', '--all')
  await git(dir, 'commit', '--quiet', '--message', 'First commit\n\nWith a body.')
  return dir
}

export async function put(dir: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), content)
}

export type Heard = {
  readonly event: string
  readonly headers: Record<string, unknown>
  readonly raw: string
  readonly payload: Json
}
// biome-ignore lint: JSON as tests read it
export type Json = { readonly [key: string]: Json } & readonly Json[]

export type Answer = { readonly status: number; readonly json: Json; readonly text: string; readonly headers: Headers }
export type Caller = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>

export type Setting = {
  readonly github: LocalGithub
  readonly source: string
  readonly base: string
  readonly heard: Heard[]
  /** Where an exchange that was accepted differs from GitHub's own description of its API. */
  readonly faults: Fault[]
  /** As the App, with its installation token. */
  readonly app: Caller
  readonly jwt: Caller
  as(login: string): Caller
  with(token: string): Caller
  close(): Promise<void>
}

/** A local GitHub with one repository, four people and a listener for its webhooks. */
export async function aLocalGithub(
  options: { privatePlan?: 'free' | 'paid'; private?: boolean } = {},
): Promise<Setting> {
  const source = await aRepository()
  const heard: Heard[] = []
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      heard.push({
        event: String(request.headers['x-github-event']),
        headers: request.headers,
        raw,
        payload: JSON.parse(raw),
      })
      response.end()
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const github = await startLocalGithub({
    webhookUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`,
    webhookSecret: 's3cret',
    privatePlan: options.privatePlan ?? 'paid',
    repositories: [
      {
        owner: 'acme',
        name: 'demo',
        private: options.private ?? true,
        from: source,
        collaborators: [
          { login: 'ana', role: 'write' },
          { login: 'lee', role: 'maintain' },
          { login: 'tim', role: 'triage' },
          { login: 'rea', role: 'read' },
          { login: 'adm', role: 'admin' },
        ],
      },
    ],
  })
  const faults: Fault[] = []
  github.onRequest(({ body, ...exchange }) => {
    const accepted = exchange.status >= 200 && exchange.status < 300
    if (accepted) faults.push(...checkExchange({ ...exchange, requestBody: body }))
  })
  const caller =
    (token: string): Caller =>
    (method, path, body, headers) =>
      call(github.url, token, { method, path, body, headers })
  const jwt = caller(await appJwt(github))
  const minted = await jwt('POST', `/app/installations/${github.app.installationId}/access_tokens`, {})
  return {
    github,
    source,
    base: await git(source, 'rev-parse', 'HEAD'),
    heard,
    faults,
    jwt,
    app: caller(String(minted.json['token'])),
    as: (login) => caller(github.token(login)),
    with: caller,
    close: async () => {
      await github.close()
      listener.closeAllConnections()
      listener.close()
      await rm(source, { recursive: true, force: true })
    },
  }
}

export async function appJwt(github: LocalGithub): Promise<string> {
  const pem = createPrivateKey(github.app.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(String(github.app.id))
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importPKCS8(pem, 'RS256'))
}

type Call = { method: string; path: string; body: object | undefined; headers: Record<string, string> | undefined }

async function call(base: string, token: string, { method, path, body, headers }: Call): Promise<Answer> {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json')
  return { status: answer.status, text, headers: answer.headers, json: isJson && text !== '' ? JSON.parse(text) : {} }
}

export const REPO = '/repos/acme/demo'

/** A branch with one changed file, made as AgentOS makes it: blob, tree, commit, ref. */
export async function aBranch(
  setting: Setting,
  name: string,
  path = 'README.md',
  content = `${name}\n`,
): Promise<string> {
  const blob = await setting.app('POST', `${REPO}/git/blobs`, { content, encoding: 'utf-8' })
  const parent = await setting.app('GET', `${REPO}/git/ref/heads/main`)
  const base = parent.json['object']?.['sha']
  const tree = await setting.app('POST', `${REPO}/git/trees`, {
    base_tree: base,
    tree: [{ path, mode: '100644', type: 'blob', sha: blob.json['sha'] }],
  })
  const commit = await setting.app('POST', `${REPO}/git/commits`, {
    message: `Change ${path}`,
    tree: tree.json['sha'],
    parents: [base],
  })
  const ref = await setting.app('POST', `${REPO}/git/refs`, { ref: `refs/heads/${name}`, sha: commit.json['sha'] })
  if (ref.status !== 201) throw new Error(`cannot make branch ${name}: ${ref.text}`)
  return String(commit.json['sha'])
}

/** A pull request of the App's. */
export async function aPull(setting: Setting, head: string, more: object = {}): Promise<Json> {
  const pull = await setting.app('POST', `${REPO}/pulls`, {
    title: `Pull ${head}`,
    head,
    base: 'main',
    body: 'why',
    ...more,
  })
  if (pull.status !== 201) throw new Error(`cannot open a pull request for ${head}: ${pull.text}`)
  return pull.json
}
