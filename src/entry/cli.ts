#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** The imports come after this: most commands end sooner than their own code takes to compile. */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compile'))
const { runCli } = await import('./cli/run-cli.ts')

process.exitCode = await runCli(process.argv.slice(2))
