import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Received, Reply, Repository } from './exchange.ts'
import { gitEnvironment, openGit, ZERO_OID } from './git.ts'
import { listRefs, type RefMove } from './refs.ts'

type Served = { readonly reply: Reply; readonly moves: readonly RefMove[] }

/** Serves one request of git's smart HTTP protocol with git's own backend, and says which refs it moved. */
export async function serveGit(received: Received, repo: Repository, service: string): Promise<Served> {
  const before = new Map((await listRefs(repo)).map(({ ref, sha }) => [ref, sha]))
  const answer = await runBackend(received, repo, service)
  if (service !== '/git-receive-pack') return { reply: answer, moves: [] }
  const after = new Map((await listRefs(repo)).map(({ ref, sha }) => [ref, sha]))
  const moves: RefMove[] = []
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(ref) ?? ZERO_OID, after.get(ref) ?? ZERO_OID]
    if (from === to) continue
    const created = from === ZERO_OID || to === ZERO_OID
    const forced = !created && !(await repo.git.succeeds(['merge-base', '--is-ancestor', from, to]))
    moves.push({ ref, before: from, after: to, forced })
  }
  return { reply: answer, moves }
}

let backend: Promise<string> | undefined

const backendPath = (): Promise<string> => {
  backend ??= openGit('.')
    .text(['--exec-path'])
    .then((path) => join(path, 'git-http-backend'))
  return backend
}

async function runBackend(received: Received, repo: Repository, service: string): Promise<Reply> {
  const path = await backendPath()
  const { headers, url } = received
  const child = spawn(path, [], {
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: repo.git.dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: service,
      REQUEST_METHOD: received.method,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '',
      CONTENT_LENGTH: String(received.bytes.length),
      REMOTE_USER:
        received.actor.is === 'user' || received.actor.is === 'installation' ? received.actor.user.login : '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      LOCAL_GITHUB_WORKFLOWS: mayChangeWorkflows(received) ? 'allowed' : 'refused',
      GIT_PROTOCOL: headers['git-protocol'] ?? '',
    },
  })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stdin.on('error', () => {
    /* the backend may refuse before it has read the body */
  })
  child.stdin.end(received.bytes)
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      resolve()
    })
  })
  return parseCgi(Buffer.concat(out))
}

const mayChangeWorkflows = ({ actor }: Received): boolean =>
  actor.is === 'user' || (actor.is === 'installation' && actor.permissions['workflows'] === 'write')

function parseCgi(bytes: Buffer): Reply {
  const end = bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, Math.max(0, end)).toString('latin1')
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const status = Number.parseInt(headers['status'] ?? (end === -1 ? '500' : '200'), 10)
  return { status, headers, bytes: bytes.subarray(end === -1 ? bytes.length : end + 4) }
}
