import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import imported from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import type { Call, Evaluated } from './call.ts'
import { GUEST } from './guest.ts'
import { MAX_ANSWER_CHARACTERS, MEMORY_PAGES, STACK_BYTES } from './limits.ts'

const wasm = await WebAssembly.compile(
  await readFile(createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')),
)

const variant = variantIn(imported)

/** Node gives the package's default export; its types say that this lies one level deeper. */
function variantIn(given: QuickJSSyncVariant | { readonly default: QuickJSSyncVariant }): QuickJSSyncVariant {
  return 'default' in given ? given.default : given
}

/**
 * Runs one call in a WebAssembly instance of its own, which nothing else ever uses. What throws here broke the instance, and
 * the thread is not to be used again.
 */
export async function evaluate(call: Call): Promise<Evaluated> {
  const instance = await freshInstance()
  const runtime = instance.newRuntime()
  runtime.setMaxStackSize(STACK_BYTES)
  let interrupts = 0
  runtime.setInterruptHandler(() => {
    interrupts += 1
    return interrupts > call.interrupts
  })
  const guest = runtime.newContext({ intrinsics: INTRINSICS })
  const answer = ask(guest, call)
  if (interrupts > call.interrupts)
    return { is: 'stopped', because: 'it did not end within its budget of instructions' }
  if (answer === undefined) return { is: 'stopped', because: 'it ran out of memory' }
  if (answer.length > MAX_ANSWER_CHARACTERS) return { is: 'stopped', because: 'its answer is too long' }
  return { is: 'answered', text: answer }
}

function freshInstance(): Promise<QuickJSWASMModule> {
  const wasmMemory = new WebAssembly.Memory(MEMORY_PAGES)
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: wasm, wasmMemory }))
}

/** No Date, no Proxy, no typed arrays (which show the bits of a NaN), no weak references. Eval is what reads the module. */
const INTRINSICS = {
  BaseObjects: true,
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  RegExpCompiler: true,
  JSON: true,
  MapSet: true,
  Promise: true,
  BigInt: true,
} as const

/** The guest's answer as text; undefined where it was interrupted or had no memory left to say why. */
function ask(guest: QuickJSContext, { source, ask, input }: Call): string | undefined {
  const parts = guest.unwrapResult(guest.evalCode(GUEST, 'agentos'))
  const module = guest.evalCode(source, 'recipe', { type: 'module' })
  if (module.error !== undefined) return call(guest, guest.getProp(parts, 'said'), [module.error])
  const given = ask === 'plan' ? [guest.newString(input)] : []
  return call(guest, guest.getProp(parts, ask), [module.value, ...given])
}

function call(guest: QuickJSContext, part: QuickJSHandle, given: readonly QuickJSHandle[]): string | undefined {
  const result = guest.callFunction(part, guest.undefined, [...given])
  if (result.error !== undefined || guest.typeof(result.value) !== 'string') return undefined
  return guest.getString(result.value)
}
