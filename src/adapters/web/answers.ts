import type { DeskError } from '../../app/runner/protocol.ts'

/** Every refusal of a program's request has this shape: which rule, why, and what to do. */
export function refusal(
  status: number,
  error: DeskError['error'],
  headers: Readonly<Record<string, string>> = {},
): Response {
  return json({ error } satisfies DeskError, status, headers)
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } })
}

export function text(value: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(value, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

/** The one answer for what is not there and for what the asker may not know of. */
export function notFound(): Response {
  return text('not found\n', 404)
}
