/** Foreign text inside a reason: quoted, in visible ASCII and cut short, so that it can neither mislead nor flood. */
export function quote(text: string): string {
  const shown = Array.from(text.slice(0, 200)).slice(0, 80).map(visible).join('')
  return `\`${shown}${text.length > 80 ? '…' : ''}\``
}

function visible(character: string): string {
  if (/^[\x20-\x5f\x61-\x7e]$/.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  return `\\u{${code.toString(16)}}`
}
