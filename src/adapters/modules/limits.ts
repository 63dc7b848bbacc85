/**
 * What one call of a module may use. The interrupt count is the same in every run; the clock only ends what escapes it,
 * and is wide enough for the start of a thread on a machine that is busy with much else.
 */
export type ModuleLimits = {
  /** How often QuickJS may look up from its work: about once for each ten thousand jumps. */
  readonly interrupts: number
  readonly wallMs: number
}

export const DESCRIBE_LIMITS: ModuleLimits = { interrupts: 200, wallMs: 60_000 }
export const PLAN_LIMITS: ModuleLimits = { interrupts: 10_000, wallMs: 60_000 }

const PAGE = 65_536
/** The whole of a module's memory, heap and stack: WebAssembly itself gives no more. */
export const MEMORY_PAGES = { initial: (16 * 1024 * 1024) / PAGE, maximum: (192 * 1024 * 1024) / PAGE } as const
/** A deeper stack could overflow the one of the host. */
export const STACK_BYTES = 64 * 1024
export const MAX_ANSWER_CHARACTERS = 16 * 1024 * 1024
