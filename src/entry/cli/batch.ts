import { z } from 'zod'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { NotStrictJson, parseStrictText } from '../../domain/strict-json.ts'
import { filterFor } from '../process-secrets.ts'
import { type Ending, written } from './command.ts'
import { linesOf } from './lines-of.ts'

const Named = z.looseObject({ id: z.union([z.string().max(1000), z.number()]) })
/** So many items are answered beside each other, so that what they read can be read at once. */
const TOGETHER = 64

/**
 * Reads one JSON item a line from standard input and answers each with one line under the same `id`, in order. A line that cannot
 * be answered gets its error; it never ends the stream. A secret that an item brought in is not said again.
 */
export async function answerBatch<T>(
  schema: z.ZodType<T>,
  answer: (item: T) => Promise<object> | object,
): Promise<Ending> {
  const filter = filterFor(process.env)
  const clean = (answers: readonly string[]) => answers.map((one) => `${filter.json(one)}\n`).join('')
  process.stdin.setEncoding('utf8')
  for await (const lines of linesOf(process.stdin)) await write(clean(await answerAll(lines, schema, answer)))
  return written(0)
}

async function answerAll<T>(
  lines: readonly (string | null)[],
  schema: z.ZodType<T>,
  answer: (item: T) => Promise<object> | object,
): Promise<readonly string[]> {
  const items = lines.filter((one) => one?.trim() !== '')
  const said: string[] = []
  for (let from = 0; from < items.length; from += TOGETHER)
    said.push(...(await Promise.all(items.slice(from, from + TOGETHER).map((line) => answerOne(line, schema, answer)))))
  return said
}

async function answerOne<T>(
  line: string | null,
  schema: z.ZodType<T>,
  answer: (item: T) => Promise<object> | object,
): Promise<string> {
  const { id, item, error } = read(line, schema)
  const told = error === undefined ? await tryAnswer(item, answer) : { error }
  return JSON.stringify({ id, ...told })
}

type Read<T> =
  | { readonly id: string | number; readonly item: T; readonly error?: undefined }
  | { readonly id: string | number | null; readonly item?: undefined; readonly error: string }

function read<T>(line: string | null, schema: z.ZodType<T>): Read<T> {
  if (line === null) return { id: null, error: 'the line is longer than 64 MiB' }
  const value = parseJson(line)
  if (!value.ok) return { id: null, error: `the line is unreadable: ${value.refusal}` }
  const named = Named.safeParse(value.value)
  if (!named.success) return { id: null, error: 'the item has no id' }
  const { id, ...rest } = named.data
  const parsed = schema.safeParse(rest)
  if (parsed.success) return { id, item: parsed.data }
  const [issue] = parsed.error.issues
  return { id, error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}` }
}

function parseJson(line: string): Result<unknown, string> {
  try {
    return ok(parseStrictText(line))
  } catch (error) {
    if (error instanceof NotStrictJson) return refuse(error.message)
    throw error
  }
}

async function tryAnswer<T>(item: T, answer: (item: T) => Promise<object> | object): Promise<object> {
  try {
    return await answer(item)
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : 'it broke' }
  }
}

function write(text: string): Promise<void> | undefined {
  if (text === '' || process.stdout.write(text)) return undefined
  return new Promise((resolve) => process.stdout.once('drain', () => resolve()))
}
