import { WillNotWork } from '../../app/ports.ts'
import type { SecretFilter } from '../../domain/secrets/secret-filter.ts'

/** What is written into git is refused where it holds a secret, never altered: what lands is what was approved. */
const GIT_OBJECTS = /\/git\/(?:commits|trees|refs)(?:\/|$)/

/** The bytes of files were judged by the gate `secrets`, which knows the policy and what stood there before. */
const FILES = /\/git\/blobs$/

/** The last gate before GitHub: every body that is sent there passes it. */
export function discreetFetch(fetch: typeof globalThis.fetch, filter: SecretFilter): typeof globalThis.fetch {
  return (input, init) => {
    if (typeof init?.body !== 'string') return fetch(input, init)
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    if (FILES.test(pathname)) return fetch(input, init)
    const body = filter.json(init.body)
    if (body !== init.body && isGit(pathname, init.body))
      return Promise.reject(new WillNotWork('what was to be committed holds a secret; nothing of it was sent'))
    return fetch(input, { ...init, body })
  }
}

function isGit(pathname: string, body: string): boolean {
  return GIT_OBJECTS.test(pathname) || (pathname.endsWith('/graphql') && body.includes('updateRefs'))
}
