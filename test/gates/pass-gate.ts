import type { Plugin } from 'vitest/config'

/** Where `defineGate` hands a gate on: the one place at which a verdict can be replaced without touching name or registry. */
const HANDS_ON = /(export function defineGate[^{]*\{\s*)return gate(\s*\})/

/** Makes the named gate answer *passed* to everything, in the code that a test run loads. */
export function passGate(name: string): Plugin {
  return {
    name: 'agentos-pass-gate',
    enforce: 'pre',
    transform(code, id) {
      if (!id.split('?')[0]?.endsWith('/src/domain/gates/gate.ts')) return null
      const judge = `judge: () => ({ is: 'passed', because: 'this gate was made to pass everything' })`
      const changed = code.replace(
        HANDS_ON,
        `$1return gate.name === ${JSON.stringify(name)} ? { ...gate, ${judge} } : gate$2`,
      )
      if (changed === code) throw new Error('defineGate is not written as the gate test expects')
      return { code: changed, map: null }
    },
  }
}
