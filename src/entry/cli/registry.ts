import type { ListedCommand } from './command.ts'

/** Every command by its name, loaded when it is needed: help and dispatch read this one list. */
export const cliCommands: readonly ListedCommand[] = [
  { name: 'demo', load: async () => (await import('./demo.ts')).demo },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctor },
  { name: 'plan', load: async () => (await import('./plan.ts')).plan },
  { name: 'execute', load: async () => (await import('./execute.ts')).execute },
  { name: 'verify', load: async () => (await import('./verify.ts')).verify },
  { name: 'replay', load: async () => (await import('./replay.ts')).replay },
  { name: 'check command', load: async () => (await import('./check-command.ts')).checkCommand },
  { name: 'check patch', load: async () => (await import('./check-patch.ts')).checkPatch },
  { name: 'check approval', load: async () => (await import('./check-approval.ts')).checkApproval },
  { name: 'intent parse', load: async () => (await import('./intent-parse.ts')).intentParse },
  { name: 'exec', load: async () => (await import('./exec.ts')).exec },
  { name: 'memory pack', load: async () => (await import('./memory-pack.ts')).memoryPack },
  { name: 'memory search', load: async () => (await import('./memory-search.ts')).memorySearch },
  { name: 'memory show', load: async () => (await import('./memory-show.ts')).memoryShow },
  { name: 'memory propose', load: async () => (await import('./memory-propose.ts')).memoryPropose },
  { name: 'policy lint', load: async () => (await import('./policy-lint.ts')).policyLint },
  { name: 'policy show', load: async () => (await import('./policy-show.ts')).policyShow },
  { name: 'lock list', load: async () => (await import('./lock-list.ts')).lockList },
  { name: 'ledger verify', load: async () => (await import('./ledger-verify.ts')).ledgerVerify },
  { name: 'ledger export', load: async () => (await import('./ledger-export.ts')).ledgerExport },
  { name: 'ledger rebuild', load: async () => (await import('./ledger-rebuild.ts')).ledgerRebuild },
  { name: 'schema', load: async () => (await import('./schema.ts')).schema },
  { name: 'serve', load: async () => (await import('./serve.ts')).serve },
  { name: 'help', load: async () => (await import('./help.ts')).helpOn(cliCommands) },
]
