import { isFinal } from '../../../src/domain/run/state.ts'
import type { Act } from './acts.ts'
import { type Model, of, type Taken } from './model.ts'
import type { RunAt, State } from './state.ts'

type Acting = { readonly state: State; readonly run: number; readonly act: Act; readonly taken: Taken }

/** The promise that an act breaks. */
export function faultInAct(model: Model, acting: Acting): string | null {
  const { act, taken } = acting
  const { decided } = taken
  if (act === 'deliver late' && decided.some((type) => type !== 'ClaimDeclined'))
    return `a job that was given up is heard: ${decided.join(', ')}`
  if (decided.includes('LocksTaken')) return faultInLease(model, acting)
  const passes = decided.includes('DeliveryTaken') && !decided.includes('RunFailed')
  return passes || decided.includes('DeliveryRequested') ? faultInWrite(model, acting) : null
}

function faultInLease(model: Model, { state, run, act, taken }: Acting): string | null {
  const own = of(state.runs, run)
  const covers = of(model.covers, run)
  const token = Number(taken.events.find(({ type }) => type === 'LocksTaken')?.data['token'] ?? 0)
  if (token <= state.issued) return 'a fence is no newer than one before it'
  if (act === 'look at a moved base') return 'a plan is executed on a base that changed what it touches'
  const others = state.runs
    .map((one, i) => ({ ...one, i }))
    .filter(({ i }) => i !== run && (covers & of(model.covers, i)) !== 0)
  if (others.some(({ book }) => book.left > 0 && (book.covers & covers) !== 0)) return 'two hold the same at once'
  const held = own.book.left > 0 && own.book.covers === covers
  const mine = own.book.came
  const passed = others.some(({ book, i }) => isWaiting(model, state, i) && (mine === 0 || book.came < mine))
  return passed && !held ? 'one goes past another that came before it' : null
}

/** A write counts under an unbroken, unexpired lease whose fence is the newest for all that is written. */
function faultInWrite(model: Model, { state, run, act }: Acting): string | null {
  const { book, token } = of(state.runs, run)
  if (book.left === 0 || book.covers !== of(model.covers, run))
    return 'a write counts without a lease on all that is written'
  if (token !== book.token) return 'a write counts with a stale fence'
  return act === 'look at a moved base' ? 'a write counts on a base that changed what is written' : null
}

/** The promise that a state breaks; `isCalm` where no time passes and no process dies, so that no timer is needed. */
export function faultIn(model: Model, state: State, isCalm: boolean): string | null {
  for (const [run, own] of state.runs.entries()) {
    const { phase } = model.standing(run, own.stand).state
    const name = of(model.runs, run).wish.run
    if ((isFinal(phase) || phase === 'merged') && !hasNothing(own))
      return `${name} has ended and holds something for ever`
    if (phase !== 'waiting_for_lock') continue
    if (isAsleep(model, run, own)) return `${name} waits, and no timer makes it look again`
    if (isCalm && isForgotten(model, state, run)) return `${name} waits although its way is free, and nobody wakes it`
    if (waitsForItself(model, state, run)) return `${name} waits in a circle`
  }
  return null
}

function hasNothing({ part, book }: RunAt): boolean {
  return part.keys === 0 && part.place === 0 && book.covers === 0
}

function isAsleep(model: Model, run: number, { stand }: RunAt): boolean {
  return !model
    .standing(run, stand)
    .open.some(({ effect }) => effect.kind === 'observe' || (effect.kind === 'timer' && effect.body.name === 'lock'))
}

function isForgotten(model: Model, state: State, run: number): boolean {
  const { isWoken, stand } = of(state.runs, run)
  const looks = model.standing(run, stand).open.some(({ effect }) => effect.kind === 'observe')
  return !isWoken && !looks && !state.runs.some(({ wakes }) => wakes) && blockersOf(model, state, run).length === 0
}

function isWaiting(model: Model, { runs }: State, run: number): boolean {
  return model.standing(run, of(runs, run).stand).state.phase === 'waiting_for_lock'
}

/** Whom a run that waits must wait for. */
function blockersOf(model: Model, state: State, run: number): readonly number[] {
  const covers = of(model.covers, run)
  const { came } = of(state.runs, run).book
  return [...state.runs.keys()].filter((other) => {
    if (other === run) return false
    const { book } = of(state.runs, other)
    if (book.left > 0 && (book.covers & covers) !== 0) return true
    return (of(model.covers, other) & covers) !== 0 && isWaiting(model, state, other) && book.came < came
  })
}

function waitsForItself(model: Model, state: State, run: number): boolean {
  const seen = new Set<number>()
  const rest = [...blockersOf(model, state, run)]
  for (let other = rest.pop(); other !== undefined; other = rest.pop()) {
    if (other === run) return true
    if (seen.has(other) || !isWaiting(model, state, other)) continue
    seen.add(other)
    rest.push(...blockersOf(model, state, other))
  }
  return false
}
