/** A secret that was found: what it is and where it stands, in bytes. Never its value, nor any part of it. */
export type Finding = { readonly kind: string; readonly start: number; readonly end: number }

/** Findings in order; those that overlap or touch are one, under the kind of the first. */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const merged: Finding[] = []
  for (const finding of findings.toSorted(compareFindings)) {
    const last = merged.at(-1)
    if (last === undefined || finding.start > last.end) merged.push(finding)
    else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end }
  }
  return merged
}

function compareFindings(a: Finding, b: Finding): number {
  return a.start - b.start || b.end - a.end || (a.kind < b.kind ? -1 : 1)
}
