import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

/** How the proxy finds addresses, which of them it may reach, and how much it carries for one command in both directions. */
export type Outside = {
  readonly mostBytes: number
  readonly addressesOf: (name: string) => Promise<readonly string[]>
  readonly mayReach: (address: string) => boolean
}

/** The public internet. A name with one address that is not public is not reached at all. */
export const theInternet: Outside = {
  mostBytes: 4 * 1024 ** 3,
  addressesOf: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  mayReach: isPublic,
}

/** False for this machine, its networks, a cloud's metadata and whatever else is not the public internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !closed.check(address, 'ipv4')
  return isIP(address) === 6 && open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6')
}

const closed = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])

/** What is assigned, without documentation, tunnels and all forms in which an address of the older kind could be written. */
const open6 = listOf('ipv6', ['2000::/3'])
const closed6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', prefix] = subnet.split('/')
    list.addSubnet(net, Number(prefix), family)
  }
  return list
}
