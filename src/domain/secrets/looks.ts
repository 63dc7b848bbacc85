const NO_PASSWORDS: ReadonlySet<string> = new Set(
  'password passwd pass secret token user username postgres root admin guest test example changeme x-oauth-basic mysql redis'.split(
    ' ',
  ),
)
/** Of all characters, how many are followed by one of another kind. */
const LEAST_CHANGES = 0.2

/** Everything behind the prefix is one and the same character: it stands for a secret, as in documents. */
export function isPlaceholder(found: string): boolean {
  return /^(?:[A-Za-z0-9]{1,10}[_-])*([xX*.0_-])\1{7,}$/.test(found)
}

/** Words run together have no digits among them, or no small or no large letters. */
export function looksRandom(found: string): boolean {
  return /[0-9]/.test(found) && (/[a-z]/.test(found) || /[A-Z]/.test(found)) && new Set(found).size >= 10
}

/** With a digit and of many characters: hardly words, and no number. */
export function isMixed(found: string): boolean {
  return /[0-9]/.test(found) && new Set(found).size >= 8
}

/** Neither a hash in hex nor a name with one, before which a word may end like a beginning: `task-`, `shelf_`. */
export function isOfAllKinds(found: string): boolean {
  return isMixed(found) && /[a-z]/.test(found) && /[A-Z]/.test(found)
}

/** Small letters, large ones and digits follow each other at random; in words run together they come one kind at a time. */
export function isStrewn(found: string): boolean {
  const changes = found.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g) ?? []
  return isMixed(found) && changes.length >= LEAST_CHANGES * found.length
}

/** What documents and test set-ups put where a password belongs. */
export function isRealPassword(found: string): boolean {
  const words = found.toLowerCase().split(/%[0-9a-f]{2}|[^a-z0-9]/)
  const isExample = NO_PASSWORDS.has(found.toLowerCase()) || words.every((word) => NO_PASSWORDS.has(word))
  return !isExample && !/^(?:[$<{[%]|\*+$|x+$|\.+$)/i.test(found)
}
