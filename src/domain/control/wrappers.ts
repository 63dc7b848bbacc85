import { z } from 'zod'
import { CheckoutProgram, isWrapper, Program } from './words.ts'

/** Wrappers that a rule may admit before its program: a shell that reads a script of the checkout, and npx without options. */
export const Wrapper = z.enum(['sh', 'bash', 'dash', 'npx'])
export type Wrapper = z.infer<typeof Wrapper>

/** What a wrapper would run, as an argv of its own. */
export type Unwrapped = { readonly through: Wrapper; readonly argv: readonly string[] }

/** Takes the wrapper off, or gives undefined where it would run anything but one named program or script. */
export function unwrap([program = '', ...words]: readonly string[]): Unwrapped | undefined {
  const through = Wrapper.safeParse(program)
  if (!through.success) return undefined
  const argv = through.data === 'npx' ? packageProgram(words) : shellScript(words)
  return argv === undefined ? undefined : { through: through.data, argv }
}

function packageProgram(words: readonly string[]): readonly string[] | undefined {
  const [program = ''] = words
  return Program.safeParse(program).success && !isWrapper(program) ? words : undefined
}

/** `-e`, `-u` and `-x` make a shell stricter or louder and nothing else; `-c`, `-s`, `-i` and long options are refused. */
function shellScript(words: readonly string[]): readonly string[] | undefined {
  const [script = '', ...rest] = /^-[eux]{1,3}$/.test(words[0] ?? '') ? words.slice(1) : words
  const path = script.includes('/') ? script : `./${script}`
  return CheckoutProgram.safeParse(path).success ? [path, ...rest] : undefined
}
