import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/** Signs the bytes of a commit the way `gpg.format = ssh` does. */
export type CommitSigner = (payload: string) => string

/** A signer with a key of its own: the local GitHub's web-flow key. */
export function commitSigner(): CommitSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = Buffer.concat([field('ssh-ed25519'), field(raw)])
  return (payload) => {
    const digest = createHash('sha512').update(payload).digest()
    const scope = Buffer.concat([field('git'), field(''), field('sha512')])
    const signature = sign(null, Buffer.concat([Buffer.from('SSHSIG'), scope, field(digest)]), privateKey)
    const version = Buffer.from([0, 0, 0, 1])
    const signed = Buffer.concat([field('ssh-ed25519'), field(signature)])
    const blob = Buffer.concat([Buffer.from('SSHSIG'), version, field(key), scope, field(signed)])
    const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
    return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n')
  }
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
