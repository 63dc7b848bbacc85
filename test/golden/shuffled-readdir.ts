import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

// A folder's entries come in no order that anyone promised: here they come in the reverse of the usual one.
const { readdirSync } = fs
const { readdir } = promises
Object.assign(fs, { readdirSync: (...about: Parameters<typeof readdirSync>) => readdirSync(...about).toReversed() })
Object.assign(promises, { readdir: async (...about: Parameters<typeof readdir>) => (await readdir(...about)).toReversed() })
syncBuiltinESMExports()
