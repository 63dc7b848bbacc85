/** Lets workers sleep until there may be work. A call made while nobody sleeps is kept for the next sleeper. */
export type Wakeup = {
  readonly call: () => void
  readonly wait: (signal: AbortSignal, atMostMs: number) => Promise<void>
}

export function wakeup(): Wakeup {
  const sleepers = new Set<() => void>()
  let called = false

  function call(): void {
    called = sleepers.size === 0
    for (const rouse of sleepers) rouse()
  }

  async function wait(signal: AbortSignal, atMostMs: number): Promise<void> {
    const heard = called
    called = false
    if (heard || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(rouse, Math.max(0, atMostMs))
      function rouse(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', rouse)
        sleepers.delete(rouse)
        resolve()
      }
      signal.addEventListener('abort', rouse, { once: true })
      sleepers.add(rouse)
    })
  }

  return { call, wait }
}
