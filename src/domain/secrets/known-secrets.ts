import { type KnownSecret, LEAST_VALUE } from './needles.ts'

type Variables = Readonly<Record<string, string | undefined>>

const SECRET_NAME =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|APIKEY|_KEY|_PAT|_AUTH|_DSN|_COOKIE|^PRIVATE_KEY|_JWT)S?$/i
const NO_SECRET_NAME = /(?:^|_)(?:PUBLIC|PUB)_?KEY$|^(?:OLD)?PWD$|SSH_AUTH_SOCK/i

/** The values of an environment that are secrets: by their name, and the passwords in addresses whatever their name. */
export function secretsIn(variables: Variables): readonly KnownSecret[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (value === undefined) return []
    const kind = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 100)
    const whole = SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name) && !isAddress(value) ? [value] : []
    return [...whole, ...passwordsIn(value)].filter(isTelling).map((secret) => ({ kind, value: secret }))
  })
}

function isAddress(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value)
}

/** As it stands in the address, and as it is sent. */
function passwordsIn(value: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:([^\s/@]+)@/i.exec(value)?.[1]
  if (password === undefined) return []
  return [...new Set([password, decoded(password)])]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

const LONG = 16

/** A short word of small letters, or a path, stands in too many texts to be told from them. */
function isTelling(value: string): boolean {
  const { length } = value.trim()
  if (length < LEAST_VALUE) return false
  return !/^(?:~|\.{0,2})\//.test(value) && (length >= LONG || !/^(?:[a-z_-]+|[A-Z_-]+|[0-9.]+)$/.test(value))
}
