import { isFinal } from '../../../src/domain/run/state.ts'
import { kept, type Model, of } from './model.ts'
import { faultIn } from './promises.ts'
import { decode, encode, type State } from './state.ts'
import { type Bounds, firstOf, stepsFrom } from './steps.ts'

export type Explored = {
  readonly states: number
  readonly transitions: number
  /** How many acts the farthest state is from the first. */
  readonly depth: number
  /** Whether there is nothing beyond what was explored. */
  readonly closed: boolean
  /** In how many states every run has ended. */
  readonly ended: number
  /** The first promise that is broken, with the shortest way there. */
  readonly fault: string | null
  readonly trace: readonly string[]
}

/** Every state that was met, nearest first, with how it was met first, and where it leads without anybody interfering. */
type Space = {
  readonly ids: Map<string, number>
  readonly keys: string[]
  readonly parents: number[]
  readonly labels: string[]
  readonly texts: Map<string, string>
  readonly depths: number[]
  readonly starts: number[]
  readonly edges: number[]
  transitions: number
}

/** Every state that can be reached, each once, until a promise is broken or there are as many as asked for. */
export function explore(model: Model, bounds: Bounds, most: number): Explored {
  const first = encode(firstOf(model))
  const space: Space = {
    ids: new Map([[first, 0]]),
    keys: [first],
    parents: [-1],
    labels: [''],
    texts: new Map(),
    depths: [0],
    starts: [],
    edges: [],
    transitions: 0,
  }
  for (let at = 0; at < space.keys.length && space.keys.length < most; at += 1) {
    const fault = expand(space, model, bounds, at)
    if (fault !== null) return accountOf(space, model, fault)
  }
  const stuck = stuckIn(space, model)
  return accountOf(
    space,
    model,
    stuck === undefined ? null : { because: 'from here nobody comes to the end', trace: wayTo(space, stuck) },
  )
}

type Fault = { readonly because: string; readonly trace: readonly string[] }

function expand(space: Space, model: Model, bounds: Bounds, at: number): Fault | null {
  space.starts.push(space.edges.length)
  const isCalm = !bounds.expires && !bounds.dies
  for (const { label, kind, to, fault } of stepsFrom(model, decode(of(space.keys, at)), bounds)) {
    space.transitions += 1
    if (fault !== null) return { because: fault, trace: [...wayTo(space, at), label] }
    const key = encode(to)
    const known = space.ids.get(key)
    if (kind !== 'person') space.edges.push(known ?? space.keys.length)
    if (known !== undefined) continue
    space.ids.set(key, space.keys.length)
    space.keys.push(key)
    space.parents.push(at)
    space.labels.push(kept(space.texts, label, () => label))
    space.depths.push(of(space.depths, at) + 1)
    const because = faultIn(model, to, isCalm)
    if (because !== null) return { because, trace: wayTo(space, space.keys.length - 1) }
  }
  return null
}

function wayTo({ parents, labels }: Space, id: number): string[] {
  const steps: string[] = []
  for (let at = id; at > 0; at = of(parents, at)) steps.push(of(labels, at))
  return steps.toReversed()
}

/** A state from which no way leads to the end of all runs; what lies beyond the bound counts as an end. */
function stuckIn({ keys, starts, edges }: Space, model: Model): number | undefined {
  const comes = new Uint8Array(keys.length).fill(1, starts.length)
  for (let id = 0; id < starts.length; id += 1) if (hasEnded(model, decode(of(keys, id)))) comes[id] = 1
  for (let grows = true; grows; ) {
    grows = false
    for (let id = starts.length - 1; id >= 0; id -= 1) {
      if (comes[id] === 1 || !leadsOn(id)) continue
      comes[id] = 1
      grows = true
    }
  }
  const stuck = comes.indexOf(0)
  return stuck === -1 ? undefined : stuck

  function leadsOn(id: number): boolean {
    const end = starts[id + 1] ?? edges.length
    for (let i = of(starts, id); i < end; i += 1) if (comes[of(edges, i)] === 1) return true
    return false
  }
}

function hasEnded(model: Model, { runs }: State): boolean {
  return runs.every(({ stand }, run) => {
    const { phase } = model.standing(run, stand).state
    return isFinal(phase) || phase === 'merged'
  })
}

function accountOf(space: Space, model: Model, fault: Fault | null): Explored {
  const { keys, transitions, depths, starts } = space
  return {
    states: keys.length,
    transitions,
    depth: of(depths, depths.length - 1),
    closed: starts.length === keys.length,
    ended: keys.filter((key) => hasEnded(model, decode(key))).length,
    fault: fault === null ? null : fault.because,
    trace: fault === null ? [] : fault.trace,
  }
}
