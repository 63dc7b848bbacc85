import type { z } from 'zod'
import { type Canonical, canonicalJson, isCanonical, NotCanonical } from '../../domain/canonical.ts'
import { type Envelope, statementIn, toStatement } from '../../domain/dsse.ts'
import type { OpenEnvelope, Signer } from '../ports.ts'

/** A signed statement: an in-toto predicate about a named content, in a DSSE envelope. */
export function sealStatement(signer: Signer, type: string, name: string, predicate: unknown): Envelope {
  return signer.sign(new TextEncoder().encode(canonicalJson(toStatement(type, name, toCanonical(predicate)))))
}

/** The predicate of a statement of this type, signed under this key and of this shape; undefined otherwise. */
export function openStatement<T>(
  open: OpenEnvelope,
  sealed: { readonly envelope: Envelope; readonly publicKey: string },
  type: string,
  schema: z.ZodType<T>,
): T | undefined {
  const isSigned = open(sealed.envelope, sealed.publicKey) !== undefined
  const statement = isSigned ? statementIn(sealed.envelope) : undefined
  if (statement?.predicateType !== type) return undefined
  const parsed = schema.safeParse(statement.predicate)
  return parsed.success ? parsed.data : undefined
}

function toCanonical(value: unknown): Canonical {
  if (isCanonical(value)) return value
  throw new NotCanonical('a predicate has no canonical form')
}
