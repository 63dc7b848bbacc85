/** A host and port that a command may reach. */
export type ListedHost = { readonly name: string; readonly port: number }

const NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const HTTPS = 443
const HTTP = 80

/** True for a whole host name in lower case. An address is none, in whatever form: the last label begins with a letter. */
export function isHostName(text: string): boolean {
  return NAME.test(text)
}

/** The entry that stands for where this machine gets packages. */
export const PACKAGE_REGISTRY = 'package-registry'

/** What the entries of a request admit, or which cannot be one; `registry` is the URL of the machine's own, null where it is not known. */
export function listedHosts(entries: readonly string[], registry: string | null): readonly ListedHost[] | string {
  const hosts = entries.map((entry) => (entry === PACKAGE_REGISTRY ? hostOf(registry) : parsed(entry)))
  const odd = hosts.findIndex((host) => host === null)
  return odd < 0 ? hosts.flatMap((host) => host ?? []) : `${JSON.stringify(entries[odd])} is not a host to reach`
}

function hostOf(registry: string | null): ListedHost | null {
  const { hostname, port, protocol } = URL.parse(registry ?? '') ?? { hostname: '', port: '', protocol: '' }
  const usual = protocol === 'https:' ? HTTPS : HTTP
  return isHostName(hostname) ? { name: hostname, port: port === '' ? usual : Number(port) } : null
}

function parsed(entry: string): ListedHost | null {
  const [name = '', port = `${HTTPS}`, ...rest] = entry.split(':')
  if (rest.length > 0 || !isHostName(name)) return null
  return toPort(port) === null ? null : { name, port: Number(port) }
}

/** The port that a text names in full, or null. */
export function toPort(text: string): number | null {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : null
}
