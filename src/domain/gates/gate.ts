/** What a gate says, always with a reason that a person can read. Anything but `passed` means: nothing goes on. */
export type Verdict =
  | { readonly is: 'passed'; readonly because: string }
  | { readonly is: 'waiting'; readonly for: string }
  | { readonly is: 'blocked'; readonly because: string }

/** A pure function of facts to a verdict. `redLine` is its number among the ten red lines, null for a policy gate. */
export type Gate<Facts> = {
  readonly name: string
  readonly redLine: number | null
  readonly title: string
  readonly judge: (facts: Facts) => Verdict
}

export function defineGate<Facts>(gate: Gate<Facts>): Gate<Facts> {
  return gate
}

export function passed(because: string): Verdict {
  return { is: 'passed', because }
}

export function blocked(because: string): Verdict {
  return { is: 'blocked', because }
}

/** A gate's verdict with the gate's name, as it is recorded. */
export type Asked = { readonly gate: string; readonly is: Verdict['is']; readonly because: string }

export function ask<Facts>(gate: Gate<Facts>, facts: Facts): Asked {
  const verdict = gate.judge(facts)
  return { gate: gate.name, is: verdict.is, because: verdict.is === 'waiting' ? verdict.for : verdict.because }
}
