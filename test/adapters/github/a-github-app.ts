import type { Probot } from 'probot'
import { type GithubAccess, githubAccess } from '../../../src/adapters/github/access.ts'
import { githubApp } from '../../../src/adapters/github/app.ts'
import { githubDesk } from '../../../src/adapters/github/desk.ts'
import type { GithubDesk, Intended } from '../../../src/app/ports.ts'
import type { EffectBody, EffectKind, RepositoryRef } from '../../../src/domain/effects.ts'
import { sha256Hex } from '../../../src/domain/hash.ts'
import { type Documents, documentsOf } from '../../../src/domain/packs/documents.ts'
import { aLocalGithub, REPO, type Setting } from '../../demo/a-local-github.ts'
import { plainFilter } from '../../support/plain-filter.ts'

export const RUN = '0123456789'
export const KEY = `${RUN}/7/1`

/** The App, signed in to a local GitHub, with the ports that it offers. */
export type SignedInApp = {
  readonly at: Setting
  readonly probot: Probot
  readonly access: GithubAccess
  readonly desk: GithubDesk
  readonly repository: RepositoryRef
  intended<K extends EffectKind>(body: EffectBody<K>, more?: Partial<Intended<K>>): Intended<K>
  /** Requests of the App that change something, since the last call. */
  changes(): readonly string[]
  /** What the App sent otherwise than GitHub's own description of its API says. */
  sentWrong(): readonly unknown[]
  close(): Promise<void>
}

export async function aGithubApp(options: { privatePlan?: 'free' | 'paid' } = {}): Promise<SignedInApp> {
  const at = await aLocalGithub(options)
  const { app, url } = at.github
  const probot = await githubApp({
    appId: String(app.id),
    privateKey: app.privateKey,
    webhookSecret: app.webhookSecret,
    baseUrl: url,
    throttle: 'off',
    filter: plainFilter,
  })
  const access = githubAccess(probot)
  const repo = await at.app('GET', REPO)
  let seen = 0
  const repository = {
    id: String(repo.json['id']),
    ownerId: String(repo.json['owner']?.['id']),
    owner: 'acme',
    name: 'demo',
    defaultBranch: 'main',
    installation: String(app.installationId),
  }
  return {
    at,
    probot,
    access,
    desk: githubDesk(access),
    repository,
    intended: (body, more = {}) => ({
      key: KEY,
      stream: `run/${RUN}`,
      run: RUN,
      repository,
      body,
      event: { seq: 7, hash: sha256Hex('event') },
      attempt: 1,
      documents: noDocuments,
      secret: () => new Uint8Array(32).fill(5),
      ...more,
    }),
    changes: () => {
      const since = at.github.requests.slice(seen)
      seen = at.github.requests.length
      return since
        .filter(({ method, path }) => changesSomething(method, path))
        .map(({ method, path }) => `${method} ${path}`)
    },
    sentWrong: () => at.faults.filter((fault) => fault.in !== 'response'),
    close: () => at.close(),
  }
}

const noDocuments: Documents = documentsOf([])

function changesSomething(method: string, path: string): boolean {
  return method !== 'GET' && !path.endsWith('/access_tokens')
}
