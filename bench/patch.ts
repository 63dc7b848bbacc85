import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflate } from '../src/adapters/git/inflate.ts'
import { applyEdits, blobId } from '../src/domain/git-objects.ts'
import { applyPatch, type BaseFile } from '../src/domain/patch/apply-patch.ts'
import { toUtf8 } from '../src/domain/patch/bytes.ts'
import type { Entry } from '../src/domain/patch/edit.ts'
import { parsePatch } from '../src/domain/patch/parse-patch.ts'
import { repositoryWith, type TestRepository } from '../test/app/planning/real-scene.ts'
import type { Benchmark } from './compare.ts'
import { dice, generatedFiles } from './generated.ts'
import { answerBatch } from './program.ts'

const FILES = 300
const COMMITS = 10
const CHANGES = 8
const BATCH = 21_000

export const patch: Benchmark = {
  says: 'a patch to the id of its tree: `git apply --index` and `git write-tree`, against the patch engine, base in memory',
  async open() {
    const repository = await repositoryWith(Object.fromEntries(generatedFiles(FILES)))
    const git = gitIn(repository.dir)
    const commits = await generatedCommits(repository, git)
    git(['reset', '-q', '--hard', repository.head])
    const batch = batchOf(commits[0]?.files ?? new Map())
    return {
      comparisons: [
        {
          about: `${CHANGES} of ${FILES} files`,
          unit: 'patches',
          items: commits.length,
          contenders: [
            {
              name: 'git',
              ready: () => git(['reset', '-q', '--hard', repository.head]),
              run: () => commits.forEach((commit) => same(byGit(git, commit), commit)),
            },
            { name: 'patch engine', run: () => commits.forEach((commit) => same(byEngine(commit), commit)) },
          ],
        },
        {
          about: `a batch of new files, changes and escapes against ${FILES} files, through the command line, with its start`,
          unit: 'items',
          items: batch.length,
          contenders: [{ name: 'check patch --batch', run: () => judged(repository.dir, batch) }],
        },
      ],
      close: async () => repository.remove(),
    }
  },
}

type Git = (args: readonly string[], input?: Uint8Array) => Buffer

function gitIn(dir: string): Git {
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.org']
  return (args, input = new Uint8Array()) => execFileSync('git', [...person, ...args], { cwd: dir, env, input })
}

type Generated = {
  readonly patch: Uint8Array
  readonly tree: string
  readonly entries: readonly Entry[]
  readonly files: Files
}

/** Commits one after another, each changing a line of some files. */
async function generatedCommits({ dir, head, reader }: TestRepository, git: Git): Promise<readonly Generated[]> {
  const roll = dice(1)
  const commits: Generated[] = []
  let parent = head
  for (let count = 0; count < COMMITS; count += 1) {
    const entries = await reader.entries(parent)
    const blobs = await reader.blobs(entries.map(({ blob }) => blob))
    const files = new Map(
      entries.map(({ path, mode, blob }) => [path, { mode, bytes: blobs.get(blob) ?? new Uint8Array() }]),
    )
    const sources = entries.map(({ path }) => path).filter((path) => path.endsWith('.js'))
    for (let change = 0; change < CHANGES; change += 1) {
      const path = sources[roll(sources.length)] ?? ''
      const lines = Buffer.from(files.get(path)?.bytes ?? [])
        .toString()
        .split('\n')
      const changed = lines.with(roll(lines.length), `export const change${count} = ${roll(1e9)}`)
      writeFileSync(join(dir, path), changed.join('\n'))
    }
    git(['commit', '-q', '-a', '-m', `Commit ${count}`])
    const next = git(['rev-parse', 'HEAD']).toString().trim()
    const tree = await reader.treeOf(next)
    commits.push({
      patch: git(['diff', '--binary', '--full-index', '--no-renames', parent, next]),
      tree,
      entries,
      files,
    })
    parent = next
  }
  return commits
}

type Files = ReadonlyMap<string, BaseFile>

/** Patches of the base, in turn: one that changes files, one that adds a file, and one that leaves the tree. No two are alike. */
function batchOf(files: Files): readonly string[] {
  const roll = dice(2)
  const sources = [...files.keys()].filter((path) => path.endsWith('.js'))
  return Array.from({ length: BATCH }, (_, id) => {
    const kinds = [
      () => changeOf(files, new Set(Array.from({ length: CHANGES }, () => sources[roll(sources.length)] ?? '')), id),
      () => newFile(`src/new/Part${id}.js`),
      () => newFile(`../part${id}.js`),
    ]
    return JSON.stringify({ id, patch: Buffer.from(kinds[id % kinds.length]?.() ?? '').toString('base64') })
  })
}

/** As git writes it: another line in the middle of each of these files, with three lines around it. */
function changeOf(files: Files, paths: ReadonlySet<string>, id: number): string {
  return Array.from(paths, (path) => {
    const old = Buffer.from(files.get(path)?.bytes ?? [])
    const lines = old.toString().split('\n')
    const middle = lines.length >> 1
    const line = `export const changed = ${id}`
    const index = `index ${blobId(old)}..${blobId(toUtf8(lines.with(middle, line).join('\n')))} 100644`
    const around = [lines.slice(middle - 3, middle), lines.slice(middle + 1, middle + 4)]
    const [before, after] = around.map((some) => some.map((one) => ` ${one}\n`).join(''))
    const hunk = `@@ -${middle - 2},7 +${middle - 2},7 @@\n${before}-${lines[middle]}\n+${line}\n${after}`
    return `diff --git a/${path} b/${path}\n${index}\n--- a/${path}\n+++ b/${path}\n${hunk}`
  }).join('')
}

function newFile(path: string): string {
  const head = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`
  return `${head}@@ -0,0 +1 @@\n+export const part = 1\n`
}

function judged(dir: string, batch: readonly string[]): void {
  const allowed = answerBatch(['check', 'patch', '--repo', dir], batch).filter((line) => line.includes('"allow"'))
  if (allowed.length !== (batch.length / 3) * 2) throw new Error(`${allowed.length} patches were allowed`)
}

function byGit(git: Git, { patch }: Generated): string {
  git(['apply', '--index'], patch)
  return git(['write-tree']).toString().trim()
}

function byEngine({ patch, entries, files }: Generated): string {
  const parsed = parsePatch(patch, { inflate })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal))
  const applied = applyPatch(parsed.value, (path) => files.get(path) ?? null)
  if (!applied.ok) throw new Error(JSON.stringify(applied.refusal))
  const tree = applyEdits(entries, applied.value.edits)
  if (!tree.ok) throw new Error(JSON.stringify(tree.refusal))
  return tree.value.treeId
}

function same(tree: string, commit: Generated): void {
  if (tree !== commit.tree) throw new Error(`tree ${tree} is not ${commit.tree}`)
}
