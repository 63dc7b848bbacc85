import { ok, type Result, refuse } from '../result.ts'
import type { CommandRule } from './command-rule.ts'
import type { ModelPrice } from './model-policy.ts'
import { Policy, type PolicyLayer } from './policy.ts'
import { type ControlRefusal, refusalsOf } from './refusal.ts'

/**
 * Lays a repository's policy over the shipped one. A field replaces the field below it, except that protected paths and
 * denials are added up and limits may only shrink: a layer that would widen one is refused, not silently narrowed.
 */
export function layerPolicy(
  shipped: Policy,
  layer: PolicyLayer,
  file: string,
): Result<Policy, readonly ControlRefusal[]> {
  const refusals = [
    ...widenedLimits(shipped, layer, file),
    ...liftedDenials(shipped, layer, file),
    ...loweredPrices(shipped, layer, file),
    ...widerEntries(shipped, layer, file),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const policy = Policy.safeParse({ ...shipped, ...layer, ...combined(shipped, layer) })
  return policy.success ? ok(policy.data) : refuse(refusalsOf(policy.error, file))
}

function combined(shipped: Policy, layer: PolicyLayer) {
  return {
    modes: { ...shipped.modes, ...layer.modes, questions: { ...shipped.modes.questions, ...layer.modes?.questions } },
    roles: { ...shipped.roles, ...layer.roles },
    approve: { ...shipped.approve, ...layer.approve },
    lanes: {
      light: {
        ...shipped.lanes.light,
        ...layer.lanes?.light,
        excluded: union(shipped.lanes.light.excluded, layer.lanes?.light.excluded),
      },
    },
    risk: { ...shipped.risk, ...layer.risk },
    protectedPaths: union(shipped.protectedPaths, layer.protectedPaths),
    limits: { ...shipped.limits, ...layer.limits },
    ...retentionOf(shipped, layer),
    commands: byId(shipped.commands, layer.commands ?? []),
    prices: byAddress(shipped.prices, layer.prices ?? []),
  }
}

/** Absent in both it stays absent, so that a policy which says nothing of it keeps its hash. */
function retentionOf(shipped: Policy, layer: PolicyLayer): Pick<Policy, 'retention'> {
  if (shipped.retention === undefined && layer.retention === undefined) return {}
  return { retention: { ...shipped.retention, ...layer.retention } }
}

function union(below: readonly string[], above: readonly string[] = []): readonly string[] {
  return [...new Set([...below, ...above])]
}

function byId(below: readonly CommandRule[], above: readonly CommandRule[]): readonly CommandRule[] {
  const replaced = new Set(above.map((rule) => rule.id))
  return [...below.filter((rule) => !replaced.has(rule.id)), ...above]
}

function byAddress(below: readonly ModelPrice[], above: readonly ModelPrice[]): readonly ModelPrice[] {
  return [...below.filter((price) => !above.some((other) => isSameModel(price, other))), ...above]
}

function isSameModel(one: ModelPrice, other: ModelPrice): boolean {
  return one.host === other.host && one.model === other.model
}

/** A lower price would widen the limit on costs. */
function loweredPrices(shipped: Policy, layer: PolicyLayer, file: string): readonly ControlRefusal[] {
  const isLowered = (price: ModelPrice) =>
    shipped.prices.some(
      (below) =>
        isSameModel(price, below) &&
        (price.inputPerMillion < below.inputPerMillion || price.outputPerMillion < below.outputPerMillion),
    )
  return (layer.prices ?? []).filter(isLowered).map(({ host, model }) => ({
    file,
    key: 'prices',
    reason: `the price of ${model} at ${host} is lower than the shipped one; a price may only be raised or added`,
  }))
}

function liftedDenials(shipped: Policy, layer: PolicyLayer, file: string): readonly ControlRefusal[] {
  const denied = new Set(shipped.commands.filter((rule) => rule.decision === 'deny').map((rule) => rule.id))
  return (layer.commands ?? [])
    .filter((rule) => denied.has(rule.id))
    .map((rule) => ({ file, key: 'commands', reason: `the shipped denial ${rule.id} cannot be replaced` }))
}

/** An entry's own limits lie within those of the policy that it will be part of. */
function widerEntries(shipped: Policy, layer: PolicyLayer, file: string): readonly ControlRefusal[] {
  const { stepWallMs, stepCpuSeconds, ...rest } = { ...shipped.limits, ...layer.limits }
  const below = { ...rest, wallMs: stepWallMs, cpuSeconds: stepCpuSeconds }
  return (layer.commands ?? []).flatMap((rule) =>
    rule.decision === 'deny'
      ? []
      : widened({ above: rule.limits ?? {}, below, key: `commands.${rule.id}.limits`, file }),
  )
}

function widenedLimits(shipped: Policy, layer: PolicyLayer, file: string): readonly ControlRefusal[] {
  const { files, lines, hours } = layer.lanes?.light ?? {}
  const light = { files, lines, hours }
  return [
    ...widened({ above: layer.limits ?? {}, below: shipped.limits, key: 'limits', file }),
    ...widened({ above: layer.retention ?? {}, below: shipped.retention ?? {}, key: 'retention', file }),
    ...widened({ above: light, below: shipped.lanes.light, key: 'lanes.light', file }),
  ]
}

type Comparison = { readonly above: object; readonly below: object; readonly key: string; readonly file: string }

function widened({ above, below, key, file }: Comparison): readonly ControlRefusal[] {
  const limits = new Map<string, unknown>(Object.entries(below))
  return Object.entries(above).flatMap(([name, value]: [string, unknown]) => {
    const limit = limits.get(name)
    if (typeof value !== 'number' || typeof limit !== 'number' || value <= limit) return []
    return [
      {
        file,
        key: `${key}.${name}`,
        reason: `${value} is more than the ${limit} of the shipped policy; a limit may only shrink`,
      },
    ]
  })
}
