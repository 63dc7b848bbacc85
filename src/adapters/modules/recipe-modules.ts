import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { ModuleUnfinished, type RecipeModules } from '../../app/recipe-modules.ts'
import { cutText } from '../../domain/packs/cut-text.ts'
import { parseModuleReply } from '../../domain/packs/module-reply.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type Call, Evaluated } from './call.ts'
import { DESCRIBE_LIMITS, type ModuleLimits, PLAN_LIMITS } from './limits.ts'

type Limits = { readonly describe: ModuleLimits; readonly plan: ModuleLimits }

/** Runs modules in QuickJS inside WebAssembly, in a thread that the clock can end. */
export function recipeModules(limits: Limits = { describe: DESCRIBE_LIMITS, plan: PLAN_LIMITS }): RecipeModules {
  const threads = idleThreads()
  return {
    describe: (source) => run(threads, { source, ask: 'describe', input: '' }, limits.describe),
    plan: async (source, input) => {
      const answer = await run(threads, { source, ask: 'plan', input: JSON.stringify(input) }, limits.plan)
      return answer.ok ? parseModuleReply(answer.value) : answer
    },
  }
}

/** At most one thread waits for the next call; it keeps no process alive. */
type Threads = { take(): Worker; giveBack(thread: Worker): void }

function idleThreads(): Threads {
  const waiting = new Set<Worker>()
  return {
    take: () => {
      const [thread = startThread(waiting)] = waiting
      waiting.delete(thread)
      thread.ref()
      return thread
    },
    giveBack: (thread) => {
      if (waiting.size > 0) return void thread.terminate()
      thread.unref()
      waiting.add(thread)
    },
  }
}

/** The thread has no environment, no standard streams of ours and little memory of its own. */
function startThread(waiting: Set<Worker>): Worker {
  const thread = new Worker(new URL('./module-thread.ts', import.meta.url), {
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  })
  return thread.once('exit', () => waiting.delete(thread))
}

async function run(
  threads: Threads,
  call: Omit<Call, 'interrupts'>,
  { interrupts, wallMs }: ModuleLimits,
): Promise<Result<unknown, string>> {
  const thread = threads.take()
  const evaluated = await answerOf(thread, { ...call, interrupts }, wallMs)
  threads.giveBack(thread)
  if (evaluated.is === 'stopped') return refuse(evaluated.because)
  const { data: answer } = Answer.safeParse(JSON.parse(evaluated.text))
  if (answer === undefined) return refuse('it changed how answers are written')
  return 'fault' in answer ? refuse(oneLine(answer.fault)) : ok(answer.value)
}

const Answer = z.union([z.strictObject({ fault: z.string() }), z.strictObject({ value: z.unknown() })])

/** Waits for the thread's answer as long as the clock allows; a thread that gives none is ended. */
async function answerOf(thread: Worker, call: Call, wallMs: number): Promise<Evaluated> {
  const clock = AbortSignal.timeout(wallMs)
  try {
    const answer = once(thread, 'message', { signal: clock })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(call)
    const [evaluated]: readonly unknown[] = await answer
    return Evaluated.parse(evaluated)
  } catch (error) {
    await thread.terminate()
    const because = clock.aborted ? `it did not end within ${wallMs / 1000} seconds` : 'it broke the sandbox'
    throw new ModuleUnfinished(because, { cause: error })
  }
}

const MAX_FAULT = 400

/** What a module says of itself, short and without anything that hides or breaks a line. */
function oneLine(text: string): string {
  return (
    cutText(
      text
        .toWellFormed()
        .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
        .trim(),
      MAX_FAULT,
    ) || 'it failed without saying why'
  )
}
