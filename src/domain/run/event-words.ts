import { z } from 'zod'

/** The name of the rule that spoke. */
export const Rule = z.string().max(64)
/** Why, in a sentence for people. */
export const Reason = z.string().max(1000)
export const GrantId = z.string().max(64)
