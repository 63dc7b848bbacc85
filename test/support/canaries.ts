import { Buffer } from 'node:buffer'
import type { KnownSecret } from '../../src/domain/secrets/needles.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Characters that look random and are the same in every run. */
function noise(seed: number, length: number, letters = LETTERS): string {
  let state = (seed * 2654435761 + 12345) >>> 0
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return letters[(state >>> 8) % letters.length]
  }).join('')
}

const hex = '0123456789abcdef'
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const base64url = `${LETTERS}-_`
const jwtPart = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (seed: number) =>
  `${jwtPart({ alg: 'RS256', typ: 'JWT' })}.${jwtPart({ iss: '123456', exp: seed, aud: noise(seed, 12) })}.${noise(seed, 86, base64url)}`
const pem = (seed: number, kind: string) =>
  `-----BEGIN ${kind}-----\n${Array.from({ length: 6 }, (_, i) => noise(seed + i, 64)).join('\n')}\n-----END ${kind}-----`

/** A planted secret: those with a variable are told by their value, the others by their form. */
export type Canary = { readonly name: string; readonly value: string; readonly variable: string | null }

const byForm = (name: string, value: string): Canary => ({ name, value, variable: null })
const byValue = (variable: string, value: string): Canary => ({ name: variable, value, variable })

/** Forty and more: every known form, and values that only the process knows. */
export const canaries: readonly Canary[] = [
  byForm('github personal', `ghp_${noise(1, 36)}`),
  byForm('github oauth', `gho_${noise(2, 36)}`),
  byForm('github user', `ghu_${noise(3, 36)}`),
  byForm('github installation', `ghs_${noise(4, 36)}`),
  byForm('github installation of 2026', `ghs_123456_${jwt(5)}`),
  byForm('github refresh', `ghr_${noise(6, 76)}`),
  byForm('github fine-grained', `github_pat_${noise(7, 22)}_${noise(8, 59)}`),
  byForm('gitlab', `glpat-${noise(9, 20)}`),
  byForm('npm', `npm_${noise(10, 36)}`),
  byForm('pypi', `pypi-AgEIcHlwaS5vcmc${noise(11, 130)}`),
  byForm('aws access key', `AKIA${noise(12, 16, upper)}`),
  byForm('aws temporary key', `ASIA${noise(13, 16, upper)}`),
  byForm('aws secret key', `aws_secret_access_key=${noise(14, 40)}`),
  byForm('google api key', `AIza${noise(15, 35, base64url)}`),
  byForm('google oauth secret', `GOCSPX-${noise(16, 28, base64url)}`),
  byForm('google service account', pem(17, 'PRIVATE KEY')),
  byForm('azure storage', `AccountKey=${noise(18, 86)}==`),
  byForm('azure client secret', `${noise(19, 3)}8Q~${noise(20, 34)}`),
  byForm('slack bot', `xoxb-${noise(21, 12, '0123456789')}-${noise(22, 12, '0123456789')}-${noise(23, 24)}`),
  byForm('slack app', `xapp-1-A${noise(24, 10, upper)}-${noise(25, 12, '0123456789')}-${noise(26, 64, hex)}`),
  byForm(
    'slack webhook',
    `https://hooks.slack.com/services/T${noise(27, 8, upper)}/B${noise(28, 8, upper)}/${noise(29, 24)}`,
  ),
  byForm('stripe live', `sk_live_${noise(30, 24)}`),
  byForm('stripe restricted', `rk_live_${noise(31, 24)}`),
  byForm('openai project', `sk-proj-${noise(32, 48)}`),
  byForm('openai', `sk-${noise(33, 20)}T3BlbkFJ${noise(34, 20)}`),
  byForm('anthropic', `sk-ant-api03-${noise(35, 93, base64url)}AA`),
  byForm('jwt', jwt(36)),
  byForm('rsa key', pem(37, 'RSA PRIVATE KEY')),
  byForm('ec key', pem(44, 'EC PRIVATE KEY')),
  byForm('openssh key', pem(51, 'OPENSSH PRIVATE KEY')),
  byForm('database address', `postgres://app:${noise(58, 20)}@db.example.com:5432/main`),
  byForm('basic auth address', `https://deploy:${noise(59, 24)}@git.example.com/a.git`),
  byForm('bearer header', `Authorization: Bearer ${noise(60, 43, base64url)}`),
  byForm('huggingface', `hf_${noise(61, 34)}`),
  byForm('sendgrid', `SG.${noise(62, 22)}.${noise(63, 43)}`),
  byForm('digitalocean', `dop_v1_${noise(64, 64, hex)}`),
  byForm('vault', `hvs.${noise(65, 40)}`),
  byForm('stripe webhook', `whsec_${noise(66, 32)}`),
  byValue('CANARY_TOKEN', noise(70, 32)),
  byValue('CANARY_SECRET', `k-${noise(71, 40, base64url)}`),
  byValue('CANARY_PASSWORD', `p!${noise(72, 18)}#x`),
  byValue('CANARY_API_KEY', noise(73, 40, hex)),
  byValue('CANARY_PRIVATE_KEY', pem(74, 'PRIVATE KEY')),
  byValue('CANARY_LONG_SECRET', `a long pass phrase ${noise(80, 12)} that nobody would guess`),
]

export const knownCanaries: readonly KnownSecret[] = canaries.flatMap(({ variable, value }) =>
  variable === null ? [] : [{ kind: variable, value }],
)

const rot13 = (text: string) =>
  text.replaceAll(/[a-z]/gi, (letter) => {
    const code = letter.charCodeAt(0)
    return String.fromCharCode((code & 31) > 13 ? code - 13 : code + 13)
  })

/** Each way to write a secret that the filter claims to read. */
export const encodings: { readonly [name: string]: (secret: string) => string } = {
  plain: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'base64, one byte in': (secret) => Buffer.from(`x${secret}`).toString('base64'),
  'base64url, two bytes in, no padding': (secret) => Buffer.from(`yz${secret}`).toString('base64url'),
  'hex, small': (secret) => Buffer.from(secret).toString('hex'),
  'hex, large': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'url-encoded': (secret) =>
    Array.from(Buffer.from(secret), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  'json-escaped': (secret) =>
    Array.from(secret, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  reversed: (secret) => Array.from(secret).toReversed().join(''),
  'split over lines and quotes': (secret) => `"${secret.match(/.{1,9}/gs)?.join('" +\n  "') ?? ''}"`,
  'with characters without width': (secret) => Array.from(secret).join('\u200b'),
  rot13,
  'base64 twice': (secret) => Buffer.from(Buffer.from(secret).toString('base64')).toString('base64'),
  'hex of base64': (secret) => Buffer.from(Buffer.from(secret).toString('base64')).toString('hex'),
  'url-encoded base64 in lines': (secret) =>
    encodeURIComponent(Buffer.from(secret).toString('base64'))
      .match(/.{1,20}/g)
      ?.join('\n') ?? '',
  'base64 reversed': (secret) => Array.from(Buffer.from(secret).toString('base64')).toReversed().join(''),
}
