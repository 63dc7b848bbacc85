import { expect, test } from 'vitest'
import { secretsIn } from '../../../src/domain/secrets/known-secrets.ts'

test('a variable is a secret by its name, and a password in an address by its place', () => {
  const found = secretsIn({
    WEBHOOK_SECRET: 'Zk3-vQ81LmPq_77zRtY',
    AGENTOS_SIGNING_KEY: 'MC4CAQAwBQYDK2VwBCIEIJ8Q2a',
    DATABASE_URL: 'postgres://app:p%40ss-W0rd-17@db/agentos',
    PATH: '/usr/bin:/bin',
    HOME: '/home/ana',
  })
  expect(found.map(({ kind }) => kind)).toEqual([
    'WEBHOOK_SECRET',
    'AGENTOS_SIGNING_KEY',
    'DATABASE_URL',
    'DATABASE_URL',
  ])
  expect(found.at(-1)?.value).toBe('p@ss-W0rd-17')
})

test('a short word, a path and a public key are no secret by value', () => {
  const plain = {
    API_KEY: 'development',
    KEY_FILE_KEY: '/etc/key.pem',
    PUBLIC_KEY: 'x'.repeat(40),
    PWD: '/work/dir/long/path',
  }
  expect(secretsIn(plain)).toEqual([])
})
