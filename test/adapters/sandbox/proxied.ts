import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Outside } from '../../../src/adapters/sandbox/addresses.ts'
import { bubblewrapSandbox, thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import type { SandboxRequest } from '../../../src/app/sandbox.ts'
import type { NetworkUse } from '../../../src/domain/receipt.ts'
import { aCheckout, aRequest, type Seen, seen } from './trial.ts'

/** An internet of names on this machine's loopback, which is all that may be reached. */
export const anInternet = (names: Readonly<Record<string, string>>, mostBytes = 2 ** 24): Outside => ({
  mostBytes,
  addressesOf: async (name) => {
    const address = names[name]
    if (address === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
    return [address]
  },
  mayReach: (address) => address === '127.0.0.1',
})

/** A server that is gone after the test, and its port. */
export async function aServer(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return portOf(server.address())
}

export function portOf(address: unknown): number {
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0
}

export type Reached = Seen & { readonly use: 'none' | NetworkUse | null }

type Way = {
  readonly outside: Outside
  readonly registry?: string | null
  readonly path?: string
  readonly home?: string
}

/** Our own Node, which lets `fetch` go through a proxy, wherever the machine's may be older. */
function pathWithOwnNode(): string {
  const folder = aCheckout()
  symlinkSync(process.execPath, join(folder, 'node'))
  return `${folder}:${thisMachine().path}`
}

/** Runs a command that may reach the hosts. */
export async function reaching(
  argv: readonly string[],
  { hosts, ...over }: { readonly hosts: readonly string[] } & Partial<SandboxRequest>,
  { outside, registry = 'https://registry.test/', path = pathWithOwnNode(), home = thisMachine().home }: Way,
): Promise<Reached> {
  const sandbox = bubblewrapSandbox({ ...thisMachine(), registry, path, home }, outside)
  const outcome = await sandbox.run(aRequest({ ...over, argv, network: { hosts } }))
  return { ...seen(outcome), use: outcome.is === 'refused' ? null : outcome.network }
}
