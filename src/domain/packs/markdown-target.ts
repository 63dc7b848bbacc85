import { once } from './once.ts'

/** Finds the `)` that ends a link's address and title as CommonMark reads them, from behind the `(`. */
export function targetEnds(text: string): (from: number) => number {
  const closings = once(() => unmatchedClosings(text))
  const solid = once(() => behindSpaces(text))
  const behindSpace = (at: number) => (SPACES.test(text.charAt(at)) ? (solid()[at] ?? text.length) : at)
  return (from) => {
    const start = behindSpace(from)
    if (text[start] === ')') return start
    const address = addressEnd(text, start, closings)
    const next = behindSpace(address)
    if (address < 0 || text[next] === ')') return address < 0 ? -1 : next
    const title = next === address ? -1 : behind(TITLE, text, next)
    if (title < 0) return -1
    const end = behindSpace(title)
    return text[end] === ')' ? end : -1
  }
}

const SPACES = /[\t\n\v\f\r ]/
const ANGLED = /<(?:[^<>\n\\]|\\[^\n])*>/y
const TITLE = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)/y

/** For each place the next one that is no space, known at once however many targets end in the same spaces. */
function behindSpaces(text: string): Int32Array {
  const solid = new Int32Array(text.length + 1).fill(text.length)
  for (let at = text.length - 1; at >= 0; at -= 1)
    solid[at] = SPACES.test(text.charAt(at)) ? (solid[at + 1] ?? text.length) : at
  return solid
}

/** Where the match of a sticky pattern ends; -1 where it does not match. */
function behind(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : -1
}

function addressEnd(text: string, start: number, closings: () => Closings): number {
  if (text[start] === '<') return behind(ANGLED, text, start)
  const { closing, space } = closings()
  const end = closing[start] ?? -1
  return end < 0 ? (space[start] ?? text.length) : end
}

type Closings = {
  /** For each place the first `)` before the next space that no `(` from there on opens; -1 where there is none. */
  readonly closing: Int32Array
  /** For each place the next space or control character, or the end of the text. */
  readonly space: Int32Array
}

function unmatchedClosings(text: string): Closings {
  const onwards = pathsOn(text)
  const closing = new Int32Array(text.length + 1).fill(-1)
  const space = new Int32Array(text.length + 1).fill(text.length)
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const next = onwards[at] ?? NOWHERE
    space[at] = text.charCodeAt(at) <= 0x20 ? at : (space[at + 1] ?? text.length)
    closing[at] = next === HERE ? at : (closing[next] ?? -1)
  }
  return { closing, space }
}

const NOWHERE = -1
const HERE = -2

/** For each place where to look on: behind the `)` that belongs to a `(`, else behind the character itself. */
function pathsOn(text: string): Int32Array {
  const next = Int32Array.from({ length: text.length }, (_, at) => at + 1)
  let open: number[] = []
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at)
    if (sign <= ' ') {
      next[at] = NOWHERE
      open = []
    } else if (sign === '\\' && text.charAt(at + 1) > ' ') at += 1
    else if (sign === '(') {
      next[at] = NOWHERE
      open.push(at)
    } else if (sign === ')') {
      const begin = open.pop()
      if (begin !== undefined) next[begin] = at + 1
      next[at] = HERE
    }
  }
  return next
}
