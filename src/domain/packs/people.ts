import { z } from 'zod'
import { ROLES, type Role } from '../control/policy.ts'
import { ForeignId } from '../ids.ts'

/** GitHub's `role_name` for a person; `none` where there is no access. A custom role counts as the role it builds on. */
export const HeldRole = z.enum(['none', ...ROLES])
export type HeldRole = z.infer<typeof HeldRole>

const RANK = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 } as const

export function hasRole(role: HeldRole, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}

/** Someone who acted, as GitHub identified them at that moment. Names are people's words and live in salted blobs. */
export const Person = z.strictObject({
  id: ForeignId,
  kind: z.enum(['User', 'Bot', 'Organization', 'Local']),
  role: HeldRole,
})
export type Person = z.infer<typeof Person>

/** One value that a person gives is no longer than this: a reply that says more is refused where it is read. */
export const MAX_VALUE = 16_384
export const MAX_VALUE_NAME = 64

/** What a person wrote, and under which name: kept in a salted blob. */
export const Words = z.strictObject({
  login: z.string().max(100),
  title: z.string().max(1024),
  body: z.string().max(262_144),
  text: z.string().max(262_144),
  params: z.record(z.string().max(MAX_VALUE_NAME), z.string().max(MAX_VALUE)),
  /** The labels that the issue had. */
  labels: z.array(z.string().max(100)).max(100).default([]),
})
export type Words = z.infer<typeof Words>
