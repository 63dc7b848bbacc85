import { memoryLedger } from '../../../src/adapters/ledger/memory.ts'
import { ledgerContract } from '../../contracts/ledger.ts'
import { queueContract } from '../../contracts/ledger-queue.ts'

ledgerContract('memory', open)
queueContract('memory', open)

async function open() {
  return { ...memoryLedger(), close: async () => {} }
}
