/**
 * Why a command ends without having done what was asked: 1 the work failed, 2 malformed input, 3 refused by a
 * rule, 4 people are needed, 5 a part is missing.
 */
export type Stop = {
  readonly exit: 1 | 2 | 3 | 4 | 5
  readonly rule: string
  readonly because: string
  readonly next: string
}

export function stop(exit: Stop['exit'], rule: string, because: string, next: string): Stop {
  return { exit, rule, because, next }
}
