/** Where people see what this API speaks of: github.com, a tenant of it, or a server of one's own. */
export function siteOf(apiUrl: string | undefined): string {
  const { protocol, host } = new URL(apiUrl ?? 'https://api.github.com')
  return `${protocol}//${/^api\.(?:github\.com|[^.]+\.ghe\.com)$/.test(host) ? host.slice('api.'.length) : host}`
}
