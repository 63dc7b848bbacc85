/**
 * Runs in the sandbox before a module does. It takes away what could tell one run from another or make code from text, and
 * keeps the built-ins that it needs for itself, so that a module which changes them spoils only its own answer.
 */
export const GUEST = `(() => {
  'use strict'
  const { parse, stringify } = JSON
  const makers = [function () {}, async function () {}, function* () {}, async function* () {}]
  for (const { constructor } of makers) {
    const refused = function () { throw new TypeError('a module cannot make code from text') }
    Object.defineProperty(constructor.prototype, 'constructor', { value: refused, writable: false, configurable: false })
  }
  const kept = ['Infinity', 'NaN', 'undefined', 'globalThis', 'Object', 'Array', 'String', 'Number', 'Boolean', 'BigInt',
    'Symbol', 'Map', 'Set', 'Math', 'JSON', 'RegExp', 'Promise', 'Error', 'EvalError', 'RangeError', 'ReferenceError',
    'SyntaxError', 'TypeError', 'URIError', 'InternalError', 'AggregateError', 'Iterator', 'parseInt', 'parseFloat',
    'isNaN', 'isFinite', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent']
  for (const name of Reflect.ownKeys(globalThis)) if (!kept.includes(name)) delete globalThis[name]
  delete Math.random

  const said = (error) => {
    try { return typeof error === 'object' && error !== null ? String(error.message) : String(error) } catch { return 'an error that cannot be read' }
  }
  const answer = (make) => {
    let text
    try { text = stringify(make()) } catch (error) { return stringify({ fault: said(error) }) }
    return text === undefined ? '{"fault":"it gave no plain data"}' : '{"value":' + text + '}'
  }
  return {
    said: (error) => stringify({ fault: said(error) }),
    describe: (module) => answer(() => {
      if (typeof module.plan !== 'function') throw new TypeError('it exports no function plan')
      if (module.recipe === undefined) throw new TypeError('it exports no recipe')
      return module.recipe
    }),
    plan: (module, input) => answer(() => {
      const reply = (0, module.plan)(parse(input))
      if (typeof reply === 'object' && reply !== null && typeof reply.then === 'function')
        throw new TypeError('plan returned a promise: it has to answer at once')
      return reply
    }),
  }
})()`
