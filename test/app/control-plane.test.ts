import { expect, test } from 'vitest'
import { parseYaml } from '../../src/adapters/control/parse-yaml.ts'
import { readShippedPack } from '../../src/adapters/control/shipped-pack.ts'
import { controlPlaneAt, refusalText } from '../../src/app/control-plane.ts'
import { sha1Hex } from '../../src/domain/hash.ts'
import { toUtf8 } from '../../src/domain/patch/bytes.ts'
import { secretFilter } from '../../src/domain/secrets/secret-filter.ts'
import { modules } from '../../src/entry/modules.ts'
import { canaries, knownCanaries } from '../support/canaries.ts'

const shipped = await readShippedPack()
const filter = secretFilter(knownCanaries)
const secret = canaries[0]?.value ?? ''

function planeWith(policy: string) {
  const blob = sha1Hex(policy)
  const reader = {
    entries: () =>
      Promise.resolve([{ path: '.agentos/policy.yml', mode: '100644' as const, blob, size: policy.length }]),
    blobs: () => Promise.resolve(new Map([[blob, toUtf8(policy)]])),
    treeOf: () => Promise.resolve(sha1Hex('tree')),
  }
  return controlPlaneAt({ engine: '0.1.0', shipped, parseYaml, modules, filter }, reader, sha1Hex('base'))
}

const rule = (value: string) =>
  `version: 1\ncommands:\n  - { id: say, decision: allow, runs: repository-code, program: ./say.sh, env: { MARK: ${value} } }\n`

test('a control plane that would put a secret on record is refused, by path and kind alone', async () => {
  expect((await planeWith(rule('harmless'))).ok).toBe(true)
  const refused = await planeWith(rule(secret))
  const said = refused.ok ? '' : refusalText(refused.refusal)
  expect(said).toContain('.agentos/policy.yml: it holds a secret [github-token]')
  expect(said).not.toContain(secret)
})

test('a fault of a control plane that quotes a secret is told without it', async () => {
  const refused = await planeWith(`version: 1\n${secret}: 1\n`)
  const said = refused.ok ? '' : refusalText(refused.refusal)
  expect(said).toContain('[secret removed: github-token]: unknown key')
})
