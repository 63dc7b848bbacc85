const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'
const VALUES = new Int8Array(256).fill(-1)
for (let i = 0; i < ALPHABET.length; i += 1) VALUES[ALPHABET.charCodeAt(i)] = i

/** Decodes one line of git's base85: a letter for the length, then groups of five. Undefined when it is not canonical. */
export function decodeBase85Line(line: Uint8Array): Uint8Array | undefined {
  const size = lineSize(line[0])
  if (size === undefined || line.length !== 1 + 5 * Math.ceil(size / 4)) return undefined
  const padded = new Uint8Array(4 * Math.ceil(size / 4))
  for (let group = 0; 4 * group < padded.length; group += 1) {
    const value = groupValue(line, 1 + 5 * group)
    if (value === undefined) return undefined
    padded.set([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff], 4 * group)
  }
  return padded.subarray(size).every((byte) => byte === 0) ? padded.subarray(0, size) : undefined
}

/** `A` to `Z` mean 1 to 26, `a` to `z` 27 to 52. */
function lineSize(letter: number | undefined): number | undefined {
  if (letter === undefined) return undefined
  if (letter >= 65 && letter <= 90) return letter - 64
  return letter >= 97 && letter <= 122 ? letter - 70 : undefined
}

function groupValue(line: Uint8Array, at: number): number | undefined {
  let value = 0
  for (let i = at; i < at + 5; i += 1) {
    const digit = VALUES[line[i] ?? 0] ?? -1
    if (digit < 0) return undefined
    value = value * 85 + digit
  }
  return value <= 0xffffffff ? value : undefined
}
