const BYTES_PER_TOKEN = 3

/** What a text costs, counted from its bytes and generously, because only the model's server knows how it counts. */
export function toTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / BYTES_PER_TOKEN)
}
