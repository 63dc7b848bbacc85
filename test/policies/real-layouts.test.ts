import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import * as fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { answerOf, changedBy, type Files } from './recipe-run.ts'

// The recipes on what others wrote: packages that are installed here, and this repository's own lockfile. What must hold
// is asked of programs that are not ours: TypeScript's reader of imports, npm and git.

const ROOT = join(import.meta.dirname, '../..')

function filesOf(dir: string, wanted: RegExp): Files {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => wanted.test(path))
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(dir, path), 'utf8')]))
}

function laidOver(files: Files, changes: Readonly<Record<string, string | null>>): Files {
  const after = Object.entries({ ...files, ...changes })
  return Object.fromEntries(after.flatMap(([path, text]) => (text === null ? [] : [[path, text]])))
}

/** The files that each file imports by a relative name, as TypeScript reads them; a name that leads nowhere stands for itself. */
function importsOf(files: Files): ReadonlyMap<string, readonly string[]> {
  const lookUp = (from: string, name: string) => {
    const path = posix.join(posix.dirname(from), name)
    const tries = [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, posix.join(path, 'index.ts')]
    return tries.find((one) => Object.hasOwn(files, one)) ?? `nothing at ${name}`
  }
  return new Map(
    Object.entries(files).map(([path, text]) => {
      const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
      return [path, named.filter((name) => name.startsWith('.')).map((name) => lookUp(path, name))]
    }),
  )
}

describe('on the sources of zod', () => {
  const files = filesOf(join(ROOT, 'node_modules/zod'), /^src\/v4\/(?!.*tests\/).*\.ts$/)

  test.each([
    ['src/v4/core/util.ts', 'src/v4/core/tools/util.ts'],
    ['src/v4/locales/en.ts', 'src/v4/english.ts'],
    ['src/v4/core/index.ts', 'src/v4/core/all.ts'],
  ])('%s moves and every import leads where it led before', { timeout: 60_000 }, async (from, to) => {
    const before = importsOf(files)
    expect(Object.keys(files).length).toBeGreaterThan(80)
    const importers = [...before].filter(([, led]) => led.includes(from)).map(([path]) => path)
    expect(importers.length).toBeGreaterThan(0)
    const changes = await changedBy('move-file', { from, to }, files)
    const after = importsOf(laidOver(files, changes))
    const moved = (path: string) => (path === from ? to : path)
    expect([...after.keys()].sort()).toEqual([...before.keys()].map(moved).sort())
    for (const [path, led] of before) expect([path, after.get(moved(path))]).toEqual([path, led.map(moved)])
    expect(Object.keys(changes).sort()).toEqual(
      [...new Set([from, to, ...importers.filter((one) => one !== from)])].sort(),
    )
  })

  test('every file gets its header, and the same program stands below it', { timeout: 60_000 }, async () => {
    const params = { holder: 'Ada Lovelace', year: '2026', license: 'MIT', paths: 'src/v4/core/**' }
    const changes = await changedBy('license-headers', params, files)
    const headed = Object.keys(files).filter((path) => path.startsWith('src/v4/core/'))
    expect(Object.keys(changes).sort()).toEqual(headed.sort())
    const program = (text: string) => ts.transpileModule(text, { compilerOptions: { removeComments: true } }).outputText
    for (const path of headed) {
      const text = changes[path] ?? ''
      expect(text).toContain('SPDX-License-Identifier: MIT')
      expect(text.endsWith(files[path] ?? '?')).toBe(true)
      expect(program(text)).toBe(program(files[path] ?? ''))
    }
  })
})

describe('on this repository', () => {
  test('a bumped dependency leaves a lockfile that npm takes for that of its package.json', {
    timeout: 60_000,
  }, async () => {
    const files = {
      'package.json': readFileSync(join(ROOT, 'package.json'), 'utf8'),
      'package-lock.json': readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
    }
    const integrity = `sha512-${'N'.repeat(86)}==`
    const given = {
      name: 'zod',
      version: '4.99.0',
      resolved: 'https://npm.example.org/zod/-/zod-4.99.0.tgz',
      integrity,
    }
    const changes = await changedBy('bump-dependency', { ...given, same_needs: 'true' }, files)
    const isTaken = (tree: Files) => {
      const dir = mkdtempSync(join(tmpdir(), 'agentos-lock-'))
      try {
        for (const [path, text] of Object.entries(tree)) writeFileSync(join(dir, path), text)
        execFileSync('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'], {
          cwd: dir,
          stdio: 'pipe',
        })
        return true
      } catch {
        return false
      } finally {
        rmSync(dir, { recursive: true, force: true })
      }
    }
    expect(isTaken(laidOver(files, changes))).toBe(true)
    expect(isTaken({ ...files, 'package.json': changes['package.json'] ?? '' })).toBe(false)
  })

  test('a sorted ignore file ignores what it ignored, as git reads it', { timeout: 60_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'agentos-ignore-'))
    const paths = ['a', 'b', 'dir/a', 'dir/b', 'dir/keep/a', 'dir/keep/b', 'a.log', 'dir/a.log']
    const git = (...args: readonly string[]) =>
      execFileSync('git', args, { cwd: dir, input: paths.join('\n'), stdio: 'pipe' })
    const ignored = (text: string) => {
      writeFileSync(join(dir, '.gitignore'), text)
      try {
        return git('check-ignore', '--no-index', '--stdin').toString()
      } catch {
        return ''
      }
    }
    const line = fc.constantFrom(
      'a',
      'b',
      '/a',
      'dir/',
      'dir/*',
      '!dir/keep',
      '!dir/keep/',
      '*.log',
      '!a.log',
      '!a',
      '# c',
      '',
      'dir/**/b',
    )
    try {
      let changed = 0
      git('init', '-q')
      await fc.assert(
        fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 12 }), async (lines) => {
          const text = `${lines.join('\n')}\n`
          const reply = await answerOf('sort-lines', { path: '.gitignore' }, { '.gitignore': text })
          const edit = reply.is === 'edits' ? reply.edits[0] : undefined
          if (reply.is !== 'edits')
            expect(reply).toMatchObject({ is: 'refused', because: expect.stringContaining('sorted') })
          if (edit?.kind !== 'write') return
          changed += 1
          expect(ignored(edit.content)).toBe(ignored(text))
        }),
        { numRuns: 40, seed: 7 },
      )
      expect(changed).toBeGreaterThan(20)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
