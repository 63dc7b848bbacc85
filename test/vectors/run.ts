import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import { isSignature } from '../../src/adapters/signing/ed25519.ts'
import { canonicalJson, isCanonical } from '../../src/domain/canonical.ts'
import { isSha256, type Sha256 } from '../../src/domain/hash.ts'
import { isConsistent, rootByInclusion } from '../../src/domain/merkle.ts'

/*
 * Published collections of test vectors, which lie as Git repositories on this machine and are given as NAME=GITDIR:
 * wycheproof (C2SP/wycheproof), jcs (cyberphone/json-canonicalization) and merkle (transparency-dev/merkle). Nothing of
 * them is kept here.
 */

type Tally = { right: number; wrong: readonly string[]; readonly beside: readonly string[] }
type Collection = { readonly [name: string]: (repository: Repository) => Tally }
type Repository = { readonly paths: readonly string[]; read(path: string): Buffer }

const Proof = z.object({ wantErr: z.boolean(), proof: z.array(z.string()).nullable() })
const Inclusion = Proof.extend({ leafIdx: z.number(), treeSize: z.number(), root: z.string(), leafHash: z.string() })
const Consistency = Proof.extend({ size1: z.number(), size2: z.number(), root1: z.string(), root2: z.string() })

const collections: Collection = { wycheproof, jcs, merkle }

let failed = process.argv.length < 3
for (const given of process.argv.slice(2)) {
  const [name = '', dir = ''] = given.split(/=(.*)/s)
  const check = Object.entries(collections).find(([known]) => known === name)?.[1]
  if (check === undefined) throw new TypeError(`${name} is none of ${Object.keys(collections).join(', ')}`)
  const { right, wrong, beside } = check(repositoryAt(dir))
  const all = right + wrong.length
  process.stdout.write(`${name}: ${right} of ${all} as published${beside.map((one) => `; ${one}`).join('')}\n`)
  for (const one of wrong.slice(0, 20)) process.stdout.write(`  ${one}\n`)
  failed ||= wrong.length > 0 || all === 0
}
process.exitCode = failed ? 1 : 0

function repositoryAt(dir: string): Repository {
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', dir, ...args], { maxBuffer: 1 << 28 })
  return {
    paths: git('ls-tree', '-r', '--name-only', '-z', 'HEAD').toString().split('\0'),
    read: (path) => git('show', `HEAD:${path}`),
  }
}

function tallied(
  checks: readonly { readonly about: string; readonly isRight: boolean }[],
  beside: string[] = [],
): Tally {
  const wrong = checks.filter(({ isRight }) => !isRight).map(({ about }) => about)
  return { right: checks.length - wrong.length, wrong, beside }
}

function wycheproof({ read }: Repository): Tally {
  const Vectors = z.object({
    testGroups: z.array(
      z.object({
        publicKey: z.object({ pk: z.string() }),
        tests: z.array(
          z.object({
            tcId: z.int(),
            msg: z.string(),
            sig: z.string(),
            result: z.enum(['valid', 'invalid', 'acceptable']),
          }),
        ),
      }),
    ),
  })
  const hex = (text: string) => Buffer.from(text, 'hex')
  const { testGroups } = Vectors.parse(JSON.parse(read('testvectors_v1/ed25519_test.json').toString()))
  return tallied(
    testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ tcId, msg, sig, result }) => ({
        about: `test ${tcId} is ${result}`,
        isRight: isSignature(hex(publicKey.pk), hex(msg), hex(sig)) === (result === 'valid'),
      })),
    ),
  )
}

/** A file with a number that is no safe integer is outside of our canonical values, and must be refused. */
function jcs({ paths, read }: Repository): Tally {
  const files = paths.filter((path) => path.startsWith('testdata/input/'))
  const refused: string[] = []
  const checks = files.map((path) => {
    const value: unknown = JSON.parse(read(path).toString())
    const output = read(path.replace('/input/', '/output/')).toString()
    if (isCanonical(value)) return { about: path, isRight: canonicalJson(value) === output }
    refused.push(path)
    return { about: path, isRight: /\d[.e]/.test(output) }
  })
  return tallied(checks, [`${refused.length} refused for numbers that are no safe integers (${refused.join(', ')})`])
}

function merkle({ paths, read }: Repository): Tally {
  const files = paths.filter((path) => /^testdata\/(?:inclusion|consistency)\/.*\.json$/.test(path))
  const toHex = (base64: string): Sha256 => Buffer.from(base64, 'base64').toString('hex')
  const checks = files.map((path) => {
    const value: unknown = JSON.parse(read(path).toString())
    const holds = path.startsWith('testdata/inclusion/') ? included(value, toHex) : grew(value, toHex)
    return { about: path, isRight: holds === !Proof.parse(value).wantErr }
  })
  return tallied(checks, ['proofs over subtrees are not made here'])
}

type ToHex = (base64: string) => Sha256

function included(value: unknown, toHex: ToHex): boolean {
  const { leafIdx, treeSize, root, leafHash, proof } = Inclusion.parse(value)
  const path = (proof ?? []).map(toHex)
  if (![toHex(root), toHex(leafHash), ...path].every(isSha256)) return false
  return rootByInclusion(toHex(leafHash), { index: leafIdx, size: treeSize }, path) === toHex(root)
}

function grew(value: unknown, toHex: ToHex): boolean {
  const { size1, size2, root1, root2, proof } = Consistency.parse(value)
  const heads = [
    { size: size1, root: toHex(root1) },
    { size: size2, root: toHex(root2) },
  ] as const
  return isConsistent(heads[0], heads[1], (proof ?? []).map(toHex))
}
