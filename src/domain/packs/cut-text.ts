/** At most `max` UTF-16 units of a text, never half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  const start = text.slice(0, max)
  return start.isWellFormed() ? start : start.slice(0, -1).toWellFormed()
}
