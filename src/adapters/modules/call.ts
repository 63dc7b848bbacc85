import { z } from 'zod'

/** One call of a module. `input` is JSON text. */
export type Call = {
  readonly source: string
  readonly ask: 'describe' | 'plan'
  readonly input: string
  readonly interrupts: number
}

/** `text` is JSON that the guest wrote: `{"value": …}` or `{"fault": …}`. */
export const Evaluated = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('answered'), text: z.string() }),
  z.strictObject({ is: z.literal('stopped'), because: z.string() }),
])
export type Evaluated = z.infer<typeof Evaluated>
