import type { RunId } from '../ids.ts'
import type { Learned } from './learned.ts'
import { NOTE_TYPES, type Note, renderNote } from './note.ts'

/** A note that would make what a run learned last, as the file that it would be. Nothing is written before people merge it. */
export type Proposal = {
  readonly path: string
  readonly note: Note
  readonly content: string
  readonly from: Learned['event']
}

/**
 * What of the things that a run learned is worth keeping in the repository. How a run ended is remembered by the log
 * alone; a failure is proposed as a known issue, for people to judge.
 */
export function proposalsFrom(run: RunId, learned: readonly Learned[]): readonly Proposal[] {
  return learned.flatMap((one, index) => {
    const type = NOTE_TYPES.find((known) => known === one.type)
    if (type === undefined) return []
    const { name, text, scope, confidence, event } = one
    const note: Note = {
      type,
      scope: scope.map(plainGlob),
      confidence,
      expires: null,
      text: `# ${name}\n\n${text.trim()}\n`,
    }
    return [{ path: `.agentos/memory/run-${run}-${index + 1}.md`, note, content: renderNote(note), from: event }]
  })
}

/** A comma would end the glob in a note's head. */
function plainGlob(path: string): string {
  return path.replaceAll(/[,\r\n]/g, '?')
}

/** The proposals as one patch that adds their files, as `agentos plan --patch` takes it. */
export function proposalPatch(proposals: readonly Proposal[]): string {
  return proposals.map(({ path, content }) => newFile(path, content)).join('')
}

function newFile(path: string, content: string): string {
  const lines = content.replace(/\n$/, '').split('\n')
  const head = [`diff --git a/${path} b/${path}`, 'new file mode 100644', '--- /dev/null', `+++ b/${path}`]
  return [...head, `@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`), ''].join('\n')
}
