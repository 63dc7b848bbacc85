/** At most `max` UTF-16 units of a text, never half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  const start = text.slice(0, max)
  return start.isWellFormed() ? start : start.slice(0, -1).toWellFormed()
}

/** The end of a text, never longer than `max` and never beginning with half a character. */
export function lastOf(text: string, max: number): string {
  if (text.length <= max) return text
  const end = text.slice(-max)
  return end.isWellFormed() ? end : end.slice(1).toWellFormed()
}
