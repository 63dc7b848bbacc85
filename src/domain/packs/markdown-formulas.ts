import { hide, passOver, type Scan, show } from './markdown-scan.ts'

/**
 * A formula shows what its commands make of it and drops its remarks, so that one with any of these is hidden. A sum of
 * money, and a formula of letters alone, stays as it is.
 */
export function readDollar(scan: Scan): void {
  const end = formulaEnd(scan)
  if (end === undefined) {
    show(scan, '$')
    scan.at += 1
  } else {
    hide(scan, 'formula', scan.at, end)
    passOver(scan, end)
  }
}

function formulaEnd({ text, at, ends }: Scan): number | undefined {
  if (text[at + 1] === '$') return endOf(ends.blockFormula(at + 2), 2)
  if (text[at + 1] === '`') return endOf(ends.codedFormula(at + 2), 2)
  return /\S/.test(text.charAt(at + 1)) ? endOf(ends.formula(at + 1), 1) : undefined

  function endOf(closing: number, length: number): number | undefined {
    const isFormula = closing < ends.paragraph(at) && ends.formulaCommand(at) < closing
    return isFormula ? closing + length : undefined
  }
}
