import type { Performers } from '../../src/app/ports.ts'

const never = () => Promise.reject(new Error('nothing is performed'))

/** Fails whatever effect it is given. */
export const noPerformers: Performers = {
  react: never,
  card: never,
  comment: never,
  check: never,
  label: never,
  'collect-memory': never,
  draft: never,
  'ask-model': never,
  'open-pull-request': never,
  commit: never,
  'request-review': never,
  observe: never,
  dispatch: never,
  'look-at-source': never,
  'cancel-job': never,
  ready: never,
  close: never,
  'keep-evidence': never,
  'mark-rolled-back': never,
}
