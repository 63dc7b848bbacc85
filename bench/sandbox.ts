import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bubblewrapSandbox } from '../src/adapters/sandbox/bubblewrap.ts'
import { discardScratch, scratchFolder } from '../src/adapters/sandbox/scratch.ts'
import type { SandboxRequest } from '../src/app/sandbox.ts'
import type { Benchmark } from './compare.ts'

const BARE_BUBBLEWRAP = ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--', 'true']

export const sandbox: Benchmark = {
  says: 'one command that does nothing, bare, under bubblewrap alone, and in the sandbox',
  async open() {
    const ours = bubblewrapSandbox()
    const probe = await ours.probe()
    if (probe.is === 'missing') throw new Error(`there is no sandbox: ${probe.because}`)
    const folder = scratchFolder()
    const request = requestIn(join(folder, 'checkout'))
    return {
      comparisons: [
        {
          about: 'true',
          unit: 'commands',
          items: 1,
          contenders: [
            { name: 'bare spawn', run: () => succeed('true', []) },
            { name: 'bare bubblewrap', run: () => succeed('bwrap', BARE_BUBBLEWRAP) },
            {
              name: 'sandbox',
              async run() {
                const outcome = await ours.run(request)
                if (outcome.is !== 'exited' || outcome.code !== 0) throw new Error(`the command ${outcome.is}`)
              },
            },
          ],
        },
      ],
      close: async () => discardScratch(folder),
    }
  },
}

function requestIn(checkout: string): SandboxRequest {
  mkdirSync(checkout)
  const MIB = 1024 ** 2
  return {
    argv: ['true'],
    checkout,
    cwd: '',
    env: {},
    network: 'none',
    limits: {
      wallMs: 30_000,
      cpuSeconds: 20,
      outputBytes: MIB,
      memoryBytes: 1024 * MIB,
      processes: 128,
      fileBytes: 64 * MIB,
      diskBytes: 64 * MIB,
      files: 1000,
    },
  }
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}`)
}
