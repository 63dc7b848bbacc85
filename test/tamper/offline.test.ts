import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceIn, shortBundles } from './stories.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What the verifier is shown of the checkout: its sources and the one library that they use. */
const SHOWN = ['src', 'package.json', 'node_modules/zod']
const BWRAP = 'bwrap'
const SYSTEM = ['/usr/lib', '/lib', '/lib64']

const files = mkdtempSync(join(tmpdir(), 'agentos-offline-'))
const [bundle] = await shortBundles()
if (bundle === undefined) throw new Error('there is no bundle')
const evidence = evidenceIn(bundle)
const head = evidence.events.at(-1)

beforeAll(() => {
  const changed = bundle.bytes.slice()
  const place = changed.length >> 1
  changed[place] = (changed[place] ?? 0) ^ 1
  const contents: Readonly<Record<string, string | Uint8Array>> = {
    'keys.json': JSON.stringify({ keys: bundle.trusted }),
    'evidence.json': bundle.bytes,
    'changed.json': changed,
    'spaced.json': Buffer.concat([bundle.bytes, Buffer.from('\n')]),
    'noise.json': Uint8Array.of(0xff, 0xfe, 0),
    'empty.json': '',
  }
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(files, name), content)
})
afterAll(() => rmSync(files, { recursive: true, force: true }))

type Ended = { readonly exit: number; readonly stdout: string; readonly stderr: string }

/** Node with nothing around it: no network, no environment, an empty home, and nothing to write to. */
function alone(args: readonly string[]): Promise<Ended> {
  const shown = SHOWN.flatMap((path) => ['--ro-bind', join(ROOT, path), `/agentos/${path}`])
  const system = SYSTEM.flatMap((path) => ['--ro-bind-try', path, path])
  const nothing = ['--unshare-all', '--die-with-parent', '--clearenv', '--dir', '/home', '--setenv', 'HOME', '/home']
  const here = ['--ro-bind', process.execPath, '/node', '--ro-bind', files, '/files', '--chdir', '/files']
  const whole = [...nothing, ...system, ...shown, ...here, '--remount-ro', '/', '/node', ...args]
  return new Promise((resolve) => {
    execFile(BWRAP, whole, { env: {}, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr })
    })
  })
}

const agentos = (...args: readonly string[]) => alone(['/agentos/src/entry/cli.ts', ...args])

describe('agentos verify with nothing but the files and a public key', () => {
  test('is alone: what answers outside cannot be reached, and nothing can be written', async () => {
    const server = createServer((_request, response) => response.end('here'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    expect(await (await fetch(url)).text()).toBe('here')
    const tried = `
      const told = await fetch('${url}').then(() => 'reached', (error) => error.cause.code)
      const wrote = await import('node:fs').then(({ writeFileSync }) => { try { writeFileSync('/home/x', ''); return 'wrote' } catch (error) { return error.code } })
      console.log(JSON.stringify([told, wrote, Object.keys(process.env).sort()]))`
    const { stdout } = await alone(['--input-type=module', '-e', tried])
    server.close()
    expect(JSON.parse(stdout)).toEqual(['ECONNREFUSED', 'EROFS', ['HOME', 'PWD']])
  })

  test('ends with 0 on evidence that is whole, and says what it cannot prove', async () => {
    const anchor = `${head?.seq ?? 0}@${head?.hash ?? ''}`
    const told = await agentos('verify', 'evidence.json', '--trust', 'keys.json', '--anchor', anchor)
    expect(told).toMatchObject({ exit: 0, stderr: '' })
    expect(told.stdout).toContain('evidence.json: valid')
    expect(told.stdout).toContain(
      'not proven here: What GitHub answered, and who approved, is the controller’s account',
    )
    const { exit, stdout } = await agentos('verify', 'evidence.json', '--json')
    expect(exit).toBe(0)
    const unproven: unknown = expect.arrayContaining([
      expect.stringContaining('the bundle’s own word'),
      expect.stringContaining('went on after the last event'),
      expect.stringContaining('as good as its key'),
      expect.stringContaining('the token itself is not kept'),
      expect.stringContaining('clocks'),
    ])
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, trust: 'own-word', unproven })
  })

  test('ends with 1 on anything else, and names the first thing that is wrong with each', async () => {
    const names = ['evidence', 'changed', 'spaced', 'noise', 'empty'].map((name) => `${name}.json`)
    const { exit, stdout } = await agentos('verify', ...names, '--trust', 'keys.json', '--json')
    expect(exit).toBe(1)
    const faults = [
      undefined,
      expect.any(String),
      'the text is not canonical JSON',
      'the bytes are no UTF-8 text',
      'the text is not canonical JSON',
    ]
    const told = faults.map((fault, i) => ({
      file: names[i],
      valid: fault === undefined,
      ...(fault === undefined ? {} : { fault, where: expect.any(String) }),
    }))
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, evidence: told })
    const cut = await agentos('verify', 'evidence.json', '--anchor', `${(head?.seq ?? 0) + 1}@${'0'.repeat(64)}`)
    expect(cut).toMatchObject({ exit: 1, stdout: expect.stringContaining('before the anchored position') })
  })

  test('ends with 2 on a call that asks for nothing', async () => {
    expect(await agentos('verify', '--anchor', 'x', 'evidence.json')).toMatchObject({ exit: 2 })
  })
})
