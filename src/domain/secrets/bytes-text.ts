const NONE = 255

/** For each byte the value that `digit` gives it as a character; 255 where it gives none. */
function tableOf(digit: (character: string) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const value = byte < 128 ? digit(String.fromCharCode(byte)) : -1
    return value < 0 ? NONE : value
  })
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Both alphabets of base64 at once; 255 for what is in neither. */
export const base64Digits = tableOf((character) => {
  if (character === '+' || character === '-') return 62
  return character === '/' || character === '_' ? 63 : BASE64.indexOf(character)
})

/** Hex digits of either case; 255 for what is none. */
export const hexDigits = tableOf((character) => '0123456789abcdef'.indexOf(character.toLowerCase()))

export const NO_DIGIT = NONE

const latin1 = new TextDecoder('latin1')

/** One character a byte, so that places in the text are places in the bytes. */
export function toCharacters(bytes: Uint8Array): string {
  return latin1.decode(bytes)
}

export function reverse(bytes: Uint8Array): Uint8Array {
  return bytes.toReversed()
}

const ROTATED = Uint8Array.from({ length: 256 }, (_, byte) => {
  const small = byte | 0x20
  if (byte > 127 || small < 97 || small > 122) return byte
  return small < 110 ? byte + 13 : byte - 13
})

/** ROT13, which undoes itself. */
export function rotate(bytes: Uint8Array): Uint8Array {
  const rotated = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i += 1) rotated[i] = ROTATED[bytes[i] ?? 0] ?? 0
  return rotated
}

/** Base64 whose letters were rotated afterwards. */
export const rotatedBase64Digits = Uint8Array.from(
  { length: 256 },
  (_, byte) => base64Digits[ROTATED[byte] ?? 0] ?? NONE,
)
