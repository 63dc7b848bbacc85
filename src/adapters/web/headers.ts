import type { ServerResponse } from 'node:http'

/** Set before anything answers, whoever answers. `styleHash` is the CSP source of the one style sheet that pages carry. */
export function setSecurityHeaders(response: ServerResponse, styleHash: string): void {
  const policy = [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ]
  response.setHeader('content-security-policy', policy.join('; '))
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('cache-control', 'no-store')
}
