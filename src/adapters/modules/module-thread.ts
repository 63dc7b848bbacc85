import { parentPort } from 'node:worker_threads'
import type { Call } from './call.ts'
import { evaluate } from './evaluate.ts'

const port = parentPort
if (port === null) throw new Error('the modules’ thread is started by its host only')

port.on('message', (call: Call) => {
  void evaluate(call).then((evaluated) => port.postMessage(evaluated))
})
