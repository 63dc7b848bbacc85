import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { type LocalRepository, localRepository } from '../../../src/adapters/git/local-repository.ts'

/** The two people of every commit that a test writes. */
export const ana = { name: 'Ana Ünï', email: 'ana@example.org', seconds: 1_700_000_000 }
export const bot = { name: 'AgentOS', email: 'agentos@example.org', seconds: 1_700_000_000 }

/** A small clone, made new before each test; `home` is the folder around it. */
export type Clone = {
  readonly home: string
  readonly clone: string
  readonly run: (args: readonly string[]) => string
  readonly head: () => string
  readonly open: () => Promise<LocalRepository>
}

export function cloneForEachTest(): Clone {
  let home = ''
  const clone = () => join(home, 'clone')
  const run = (args: readonly string[]) => runGit(clone(), args)
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'local-repository-'))
    fill(clone())
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))
  return {
    get home() {
      return home
    },
    get clone() {
      return clone()
    },
    run,
    head: () => run(['rev-parse', 'HEAD']),
    open: async () => localRepository(clone()),
  }
}

function fill(clone: string): void {
  mkdirSync(join(clone, 'dé'), { recursive: true })
  writeFileSync(join(clone, 'crlf.txt'), 'a\r\nb\r\n')
  writeFileSync(join(clone, 'tool.sh'), '#!/bin/sh\n')
  chmodSync(join(clone, 'tool.sh'), 0o755)
  writeFileSync(join(clone, 'dé', 'bytes'), Buffer.from([0, 255, 13, 10]))
  symlinkSync('dé/bytes', join(clone, 'link'))
  runGit(clone, ['init', '-q', '-b', 'main'])
  runGit(clone, ['add', '.'])
  runGit(clone, ['commit', '-q', '-m', 'First'])
}

function runGit(clone: string, args: readonly string[]): string {
  const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'core.autocrlf=false']
  return execFileSync('git', [...person, ...args], { cwd: clone, stdio: ['pipe', 'pipe', 'pipe'] })
    .toString()
    .trim()
}
