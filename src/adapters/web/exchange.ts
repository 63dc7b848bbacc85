import type { IncomingMessage } from 'node:http'
import type { Context, Hono } from 'hono'
import { notFound, text } from './answers.ts'
import type { BodyRead } from './body.ts'

/** What a route is given beside the web platform's request. */
export type Exchange = {
  readonly Bindings: {
    readonly incoming: IncomingMessage
    readonly body: (mostBytes: number) => Promise<BodyRead>
  }
}

type Answer = (context: Context<Exchange>) => Response | Promise<Response>

/** One path, with what each of its methods answers. `guard` says who may know that it exists. */
export type Route = {
  readonly path: string
  readonly guard?: (incoming: IncomingMessage) => boolean
  readonly methods: { readonly [method in 'GET' | 'POST' | 'PUT']?: Answer }
}

export function addRoute(app: Hono<Exchange>, { path, guard, methods }: Route): void {
  const allowed = Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  app.all(path, async (context) => {
    if (guard !== undefined && !guard(context.env.incoming)) return notFound()
    const method = context.req.method === 'HEAD' ? 'GET' : context.req.method
    const answer = isMethod(method) ? methods[method] : undefined
    return answer === undefined ? text('wrong method\n', 405, { allow: allowed.join(', ') }) : answer(context)
  })
}

function isMethod(method: string): method is 'GET' | 'POST' | 'PUT' {
  return method === 'GET' || method === 'POST' || method === 'PUT'
}
