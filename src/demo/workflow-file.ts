import { parse } from 'yaml'
import { z } from 'zod'
import { ok, type Result, refuse } from '../domain/result.ts'

/** A user's workflow file as far as it calls our reusable workflow. */
const WorkflowFile = z.object({
  permissions: z.record(z.string(), z.string()).optional(),
  jobs: z.record(
    z.string(),
    z.object({
      uses: z.string().optional(),
      permissions: z.record(z.string(), z.string()).optional(),
      with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    }),
  ),
})

/** The call that a dispatch of this file makes. */
export type WorkflowCall = {
  /** `owner/repository/.github/workflows/agentos.yml@<commit>` */
  readonly workflow: string
  readonly commit: string
  readonly inputs: Readonly<Record<string, string>>
  readonly mayAskForToken: boolean
}

const CALL = /^[\w.-]+\/[\w.-]+\/\.github\/workflows\/agentos\.ya?ml@([0-9a-f]{40})$/

/** Reads the file as Actions would; what this reader does not know is refused, never guessed. */
export function readWorkflowCall(text: string, given: Readonly<Record<string, string>>): Result<WorkflowCall, string> {
  const file = WorkflowFile.safeParse(parse(text))
  if (!file.success)
    return refuse(`the workflow file has an unknown shape: ${file.error.issues[0]?.path.join('.') ?? ''}`)
  const [job, ...others] = Object.values(file.data.jobs).filter((one) => one.uses !== undefined)
  if (job === undefined || others.length > 0) return refuse('the workflow file does not call exactly one workflow')
  return toCall(job, job.permissions ?? file.data.permissions ?? {}, given)
}

function toCall(
  { uses: workflow = '', with: values = {} }: z.infer<typeof WorkflowFile>['jobs'][string],
  permissions: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Result<WorkflowCall, string> {
  const commit = CALL.exec(workflow)?.[1]
  if (commit === undefined) return refuse(`${workflow} is not AgentOS pinned to a full commit`)
  if (permissions['contents'] !== 'read') return refuse('the job may not read contents, or may write them')
  const inputs = evaluateAll(values, given)
  if (!inputs.ok) return inputs
  return ok({ workflow, commit, inputs: inputs.value, mayAskForToken: permissions['id-token'] === 'write' })
}

function evaluateAll(
  values: Readonly<Record<string, string | number | boolean>>,
  given: Readonly<Record<string, string>>,
): Result<Readonly<Record<string, string>>, string> {
  const inputs: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    const evaluated = String(value).replace(
      /\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g,
      (_, input: string) => given[input] ?? '',
    )
    if (evaluated.includes('${{')) return refuse(`the value of ${name} is an expression that this runner does not know`)
    inputs[name] = evaluated
  }
  return ok(inputs)
}
