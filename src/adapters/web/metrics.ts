import type { Counts } from '../../app/queries/run-index.ts'

type Metric = {
  readonly name: string
  readonly help: string
  readonly type: 'gauge'
  readonly samples: readonly { readonly labels: string; readonly value: number }[]
}

/** The Prometheus text format, version 0.0.4. Labels come from closed sets only, so none needs escaping. */
export function metricsText(
  counts: Counts,
  deliveriesWaiting: number,
  replayed: { readonly divergences: number; readonly next: number },
): string {
  const { rss, heapUsed } = process.memoryUsage()
  const metrics: readonly Metric[] = [
    {
      name: 'agentos_runs',
      help: 'Runs by phase.',
      type: 'gauge',
      samples: counts.runs.map(({ phase, count }) => ({ labels: `{phase="${phase}"}`, value: count })),
    },
    {
      name: 'agentos_effects',
      help: 'Side effects of runs by status.',
      type: 'gauge',
      samples: counts.effects.map(({ status, count }) => ({ labels: `{status="${status}"}`, value: count })),
    },
    gauge('agentos_deliveries_waiting', 'Webhook deliveries that are kept and not yet handled.', deliveriesWaiting),
    gauge(
      'agentos_replay_divergences',
      'Recorded decisions that do not follow from their inputs.',
      replayed.divergences,
    ),
    gauge('agentos_replay_position', 'Events of the log that were decided again in this pass.', replayed.next - 1),
    gauge('process_resident_memory_bytes', 'Resident memory of this process.', rss),
    gauge('nodejs_heap_size_used_bytes', 'Used heap of this process.', heapUsed),
    gauge('agentos_uptime_seconds', 'Seconds since this process began.', Math.round(process.uptime())),
  ]
  return metrics.map(metricText).join('')
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ labels: '', value }] }
}

function metricText({ name, help, type, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
