import { sha256Hex } from '../../domain/hash.ts'
import type { FirstRequest } from '../../domain/packs/model-call.ts'
import { fromUtf8 } from '../../domain/patch/bytes.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Scene } from './scene.ts'

/** A prompt file of the shipped control plane. */
export type PromptFile = { readonly file: string; readonly bytes: Uint8Array }

/** `frame` says what is instruction and what is data, and stays as it is shipped; `plan` is a repository's to replace. */
export type Prompts = { readonly frame: PromptFile; readonly plan: PromptFile }

export type Instructions = Pick<FirstRequest, 'prompts' | 'instructions'>

const MAX_BYTES = 64_000

/** The instructions for a model, with the hash of each file they came from: shipped, or `.agentos/prompts/` at the base. */
export async function instructionsFor(
  { entries, reader }: Pick<Scene, 'entries' | 'reader'>,
  shipped: Prompts,
): Promise<Result<Instructions, string>> {
  const path = `.agentos/${shipped.plan.file}`
  const entry = entries.get(path)
  if (entry === undefined) return together(part(shipped.frame, 'shipped'), part(shipped.plan, 'shipped'))
  if (entry.mode === '120000' || entry.mode === '160000' || entry.size > MAX_BYTES)
    return refuse(`${path} is not a plain file of at most ${MAX_BYTES} bytes`)
  const bytes = (await reader.blobs([entry.blob])).get(entry.blob)
  if (bytes === undefined) return refuse(`${path} cannot be read`)
  return together(part(shipped.frame, 'shipped'), part({ file: shipped.plan.file, bytes }, 'repository'))
}

type Part = { readonly named: Instructions['prompts'][number]; readonly text: string | undefined }

function part({ file, bytes }: PromptFile, from: 'shipped' | 'repository'): Part {
  return { named: { file, from, sha256: sha256Hex(bytes) }, text: fromUtf8(bytes) }
}

function together(...parts: readonly Part[]): Result<Instructions, string> {
  const texts = parts.map(({ text }) => text?.trim() ?? '')
  const empty = parts.find((_, index) => texts[index] === '')
  if (empty !== undefined)
    return refuse(`${empty.named.from === 'repository' ? '.agentos/' : ''}${empty.named.file} holds no text`)
  return ok({ prompts: parts.map(({ named }) => named), instructions: `${texts.join('\n\n')}\n` })
}

/** A prompt that the shipped control plane lacks: a broken installation. */
class NoPrompt extends Error {
  override readonly name = 'NoPrompt'
}

/** The planner's prompts among the files of the shipped control plane. */
export function promptsIn(files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Prompts {
  const named = (file: string): PromptFile => {
    const found = files.find(({ path }) => path === file)
    if (found === undefined) throw new NoPrompt(`the shipped control plane has no ${file}`)
    return { file, bytes: found.bytes }
  }
  return { frame: named('prompts/frame.md'), plan: named('prompts/plan.md') }
}
