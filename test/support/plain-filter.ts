import { secretFilter } from '../../src/domain/secrets/secret-filter.ts'

/** The filter of a process that was given no secret: it knows the formats alone. */
export const plainFilter = secretFilter([])
