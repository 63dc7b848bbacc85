import { parentPort, workerData } from 'node:worker_threads'
import { tamper } from '../sets.ts'
import type { Share } from '../share.ts'
import type { Bundle } from '../stories.ts'

const bundles: readonly Bundle[] = workerData

parentPort?.on('message', (share: Share) => {
  const [bundle, other] = [bundles[share.bundle], bundles[share.other]]
  if (bundle === undefined || other === undefined) throw new RangeError('there is no such bundle')
  parentPort?.postMessage(tamper(share.tampering, { bundle, other, positions: share }), [])
})
