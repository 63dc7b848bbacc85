/** The bytes are not JSON that every reader understands alike. */
export class NotStrictJson extends Error {
  override readonly name = 'NotStrictJson'
}

/** Deeper than anything that is meant to be read. */
const MAX_DEPTH = 200

/**
 * Reads UTF-8 JSON whose objects name each member once, and none `__proto__`, so that no two readers can disagree. An integer that a double
 * cannot hold comes back as its decimal text: GitHub's ids passed 2^53 in 2026.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  return parseStrictText(decode(bytes))
}

export function parseStrictText(text: string): unknown {
  const value = parse(text)
  refuseUnclearMembers(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new NotStrictJson('not UTF-8', { cause })
  }
}

function parse(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text)
  } catch (cause) {
    throw new NotStrictJson('not JSON', { cause })
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ''
  return /^-?\d+$/.test(source) ? source : value
}

/** What is open at some point of the text: an array, or an object with the members it has named so far. */
type Level = { readonly members: Set<string> | undefined; atMember: boolean }

/** The text is known to be JSON, so its strings and its structure are all that has to be seen. */
function refuseUnclearMembers(text: string): void {
  const levels: Level[] = []
  const marks = /["{}[\],:]/g
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const token = mark[0] === '"' ? stringAt(text, mark.index) : mark[0]
    marks.lastIndex = mark.index + token.length
    see(levels, token)
  }
}

function see(levels: Level[], token: string): void {
  if (token === '{' || token === '[') {
    levels.push({ members: token === '{' ? new Set() : undefined, atMember: true })
    if (levels.length > MAX_DEPTH) throw new NotStrictJson(`nested deeper than ${MAX_DEPTH}`)
  } else if (token === '}' || token === ']') levels.pop()
  else seeInside(levels.at(-1), token)
}

/** A pattern over a whole string would overflow the stack on one of many megabytes. */
function stringAt(text: string, start: number): string {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return text.slice(start, end + 1)
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text[first - 1] === '\\') first -= 1
  return (at - first) % 2 === 1
}

function seeInside(level: Level | undefined, token: string): void {
  if (level?.members === undefined) return
  if (token === ',' || token === ':') level.atMember = token === ','
  else if (level.atMember) addMember(level.members, token)
}

function addMember(members: Set<string>, token: string): void {
  const name = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  if (name === '__proto__') throw new NotStrictJson('an object has a member __proto__')
  if (members.has(name)) throw new NotStrictJson('an object names a member twice')
  members.add(name)
}
