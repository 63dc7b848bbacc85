import { noContent, notFound, numberParam, page, type Received, Refused, type Reply, type Route } from './exchange.ts'
import { renderRepository } from './render.ts'
import type { Delivery } from './webhooks.ts'
import { canSee, type World } from './world.ts'

export type AppCall = Received & { readonly params: Readonly<Record<string, string>> }

const MOST_A_PAGE = 100
const USUAL_PAGE = 30

/** Deliveries are paged by a cursor, never by a number: new ones come in at the front all the time. */
function newestDeliveries(call: AppCall, deliveries: readonly Delivery[]): Reply {
  const query = call.url.searchParams
  const perPage = Math.min(MOST_A_PAGE, Number(query.get('per_page') ?? USUAL_PAGE))
  const before = /^v1_(\d+)$/.exec(query.get('cursor') ?? '')?.[1]
  const older = deliveries.toReversed().filter(({ id }) => before === undefined || id < Number(before))
  const shown = older.slice(0, perPage)
  const last = shown.at(-1)
  const json = shown.map(renderDelivery)
  if (last === undefined || older.length <= perPage) return { status: 200, json }
  const next = new URL(call.url)
  next.searchParams.set('cursor', `v1_${last.id}`)
  return { status: 200, json, headers: { link: `<${next.href}>; rel="next"` } }
}

/** Routes of the App itself and of its installation, outside of any repository. */
export const appRoutes = (world: World, revoke: (call: AppCall) => void): readonly Route<AppCall>[] => [
  {
    method: 'GET',
    path: '/app/hook/deliveries',
    answer: (call) => {
      onlyApp(call)
      return newestDeliveries(call, world.hooks.deliveries)
    },
  },
  {
    method: 'GET',
    path: '/app/hook/deliveries/:id',
    answer: (call) => {
      onlyApp(call)
      const delivery = world.hooks.deliveries.find(({ id }) => id === numberParam(call, 'id'))
      if (delivery === undefined) throw notFound()
      const whole = {
        url: '',
        request: { headers: {}, payload: delivery.payload },
        response: { headers: {}, payload: '' },
      }
      return { status: 200, json: { ...renderDelivery(delivery), ...whole } }
    },
  },
  {
    method: 'POST',
    path: '/app/hook/deliveries/:id/attempts',
    answer: (call) => {
      onlyApp(call)
      if (!world.hooks.redeliver(numberParam(call, 'id'))) throw notFound()
      return { status: 202, json: {} }
    },
  },
  ...installationRoutes(world, revoke),
]

const installationRoutes = (world: World, revoke: (call: AppCall) => void): readonly Route<AppCall>[] => [
  {
    method: 'GET',
    path: '/installation/repositories',
    answer: (call) => {
      if (call.actor.is !== 'installation') throw new Refused(403, 'Resource not accessible by integration')
      const seen = [...world.repositories.values()].filter(({ row }) => canSee(world, call.actor, row))
      return page(
        call,
        seen.map(({ row }) => renderRepository(world, row)),
        'repositories',
      )
    },
  },
  {
    method: 'DELETE',
    path: '/installation/token',
    answer: (call) => {
      revoke(call)
      return noContent()
    },
  },
]

function onlyApp(call: AppCall): void {
  if (call.actor.is !== 'app-itself') throw new Refused(401, 'A JSON web token could not be decoded')
}

const renderDelivery = (delivery: Delivery) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: delivery.deliveredAt,
  redelivery: delivery.redelivery,
  duration: 0,
  status: delivery.statusCode === null ? 'failed to connect to host' : delivery.statusCode < 300 ? 'OK' : 'Invalid',
  status_code: delivery.statusCode ?? 0,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installationId,
  repository_id: delivery.repositoryId,
  throttled_at: null,
})
