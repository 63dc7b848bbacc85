const FIELD = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** The y coordinate of a point of order eight; that of the others is its negative. */
const ORDER_EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/** The y coordinates of the eight points of low order: those of order one, two, four and eight. */
const LOW_ORDER = [1n, FIELD - 1n, 0n, ORDER_EIGHT, FIELD - ORDER_EIGHT]

/** Every way to write a point of low order, canonical or not: y as it is or with the field prime added, either sign. */
const lowOrder = LOW_ORDER.flatMap((y) => [y, y + FIELD])
  .filter((y) => y < 2n ** 255n)
  .flatMap((y) => [y, y + 2n ** 255n])

/** Every other way to write a y that is not below the field prime. */
const notCanonical = Array.from({ length: 17 }, (_, i) => FIELD + 2n + BigInt(i)).flatMap((y) => [y, y + 2n ** 255n])

/** Keys that nobody may be believed under, as base64. */
export const weakKeys: readonly string[] = [...lowOrder, ...notCanonical].map((y) => toBytes(y).toString('base64'))

/** The halves of a signature that must lie below the order of the group, and do not. */
export const largeScalars: readonly Buffer[] = [
  ORDER,
  ORDER + 1n,
  2n * ORDER,
  2n ** 253n,
  2n ** 255n,
  2n ** 256n - 1n,
].map(toBytes)

/** The same scalar above the order of the group: the twin of a valid signature. */
export function twinOf(scalar: Uint8Array): Buffer {
  const value = BigInt(`0x${Buffer.from(scalar.toReversed()).toString('hex')}`)
  return toBytes(value + ORDER)
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())
}
