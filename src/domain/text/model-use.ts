import type { ReviewPack } from '../packs/review-pack.ts'
import { inline } from './markdown.ts'

type Use = NonNullable<ReviewPack['model']>

/** What asking a model came to, in one line; empty where none was asked. */
export function modelText(use: Use | null): string {
  if (use === null) return ''
  const { host, model, calls, inputTokens, outputTokens, costMicroUsd } = use
  const cost = costMicroUsd === null ? 'cost not known, the policy has no price for it' : dollars(costMicroUsd)
  const made = calls === 1 ? '1 call' : `${calls} calls`
  return `Model ${inline(model)} at ${inline(host)}: ${made}, ${inputTokens} tokens in, ${outputTokens} out, ${cost}.`
}

/** An amount of money, to the micro-dollar where it matters. */
export function dollars(micro: number): string {
  const [whole, part] = [Math.floor(micro / 1_000_000), String(micro % 1_000_000).padStart(6, '0')]
  return `${whole}.${part.replace(/0{1,4}$/, '')} USD`
}
