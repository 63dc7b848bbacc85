import { WillNotWork } from '../../app/ports.ts'

/** Octokit takes ids as numbers: one that a double cannot hold is refused rather than bent into another. */
export function toNumber(id: string): number {
  const number = Number(id)
  if (!/^[1-9][0-9]*$/.test(id) || !Number.isSafeInteger(number))
    throw new WillNotWork(`${id} is not an id that can be used`)
  return number
}
