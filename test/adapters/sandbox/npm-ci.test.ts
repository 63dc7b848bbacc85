import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thisMachine } from '../../../src/adapters/sandbox/bubblewrap.ts'
import { anInternet, aServer, reaching } from './proxied.ts'
import { aCheckout } from './trial.ts'

/** A package of one file, as npm would publish it. */
function aTarball(): Buffer {
  const folder = aCheckout({
    'package/package.json': '{"name":"dep","version":"1.0.0"}',
    'package/index.js': 'module.exports = 42\n',
  })
  return spawnSync('tar', ['-czf', '-', 'package'], { cwd: folder }).stdout
}

const manifest = { name: 'sample', version: '1.0.0', dependencies: { dep: '1.0.0' } }

function aProject(registry: string, tarball: Buffer): string {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const dep = { version: '1.0.0', resolved: `${registry}dep/-/dep-1.0.0.tgz`, integrity }
  const packages = { '': manifest, 'node_modules/dep': dep }
  const lock = { name: 'sample', version: '1.0.0', lockfileVersion: 3, requires: true, packages }
  return aCheckout({ 'package.json': JSON.stringify(manifest), 'package-lock.json': JSON.stringify(lock) })
}

const install = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']

test('npm ci installs from the machine’s registry through the proxy, and from nowhere else', async () => {
  const tarball = aTarball()
  const asked: string[] = []
  const port = await aServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(tarball)
  })
  const registry = `http://registry.test:${port}/`
  const way = { outside: anInternet({ 'registry.test': '127.0.0.1' }), registry, path: thisMachine().path }
  const checkout = aProject(registry, tarball)
  const allowed = await reaching(install, { hosts: ['package-registry'], checkout }, way)
  expect(allowed).toMatchObject({ end: 'exit 0', stdout: expect.stringContaining('added 1 package') })
  expect(readFileSync(join(checkout, 'node_modules/dep/index.js'), 'utf8')).toBe('module.exports = 42\n')
  expect(asked).toEqual(['/dep/-/dep-1.0.0.tgz'])
  expect(allowed.use).toMatchObject({
    hosts: ['package-registry'],
    attempts: [{ host: 'registry.test', port, outcome: 'reached', times: 1 }],
  })
  const env = { npm_config_fetch_retries: '0' }
  const refused = await reaching(install, { hosts: ['other.test'], checkout: aProject(registry, tarball), env }, way)
  expect(refused.end).toBe('exit 1')
  expect(refused.use).toMatchObject({
    attempts: [{ host: 'registry.test', outcome: 'refused', because: 'not listed' }],
  })
  expect(asked).toHaveLength(1)
})

test('where packages come from is asked of the machine’s npm, never of the checkout', async () => {
  const way = { outside: anInternet({}), registry: null, path: thisMachine().path }
  const checkout = aCheckout({ '.npmrc': 'registry=http://evil.test/\n' })
  const home = aCheckout({ '.npmrc': 'registry=http://registry.test:4873/\n' })
  const argv = ['node', '-p', 'process.env.npm_config_registry']
  const told = await reaching(argv, { hosts: ['package-registry'], checkout }, { ...way, home })
  expect(told).toMatchObject({ end: 'exit 0', stdout: 'http://registry.test:4873/\n' })
  const path = aCheckout()
  symlinkSync('/usr/bin/bwrap', join(path, 'bwrap'))
  const without = await reaching(['true'], { hosts: ['package-registry'], checkout }, { ...way, home, path })
  expect(without).toMatchObject({ end: 'refused: bad-request', stderr: '"package-registry" is not a host to reach' })
})
