/** What was found about one part. `unused`: it is not there, and nothing asked for it; `wrong`: it is there and does not hold. */
export type Finding = {
  readonly part: string
  readonly is: 'fine' | 'missing' | 'unused' | 'wrong'
  readonly says: string
  readonly next: string | null
}
