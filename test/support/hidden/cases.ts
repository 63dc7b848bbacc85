import { MODES } from '../../../src/domain/control/policy.ts'
import { turnedFaults, turnedTexts } from './directions.ts'
import { hiddenFaults, type Setting, shownFaults } from './faults.ts'
import { HIDINGS } from './hidings.ts'
import { injections } from './injections.ts'
import { lookAlikeFaults, lookAlikes } from './lookalikes.ts'
import { OBFUSCATIONS } from './obfuscations.ts'
import { SHOWINGS } from './showings.ts'

/** One case of a group; `faults` looks at it and says what goes wrong. */
export type Case = { readonly about: string; readonly faults: () => readonly string[] }
export type Group = { readonly says: string; readonly cases: Iterable<Case> }

const PLACES = ['body', 'comment', 'amendment', 'review', 'title'] as const
const PEOPLE = ['1', '42', '9007199254740993'] as const

/** The places, modes and people in turn, so that all of them come together with everything else. */
export function settingOf(at: number): Setting {
  return {
    where: PLACES[at % PLACES.length] ?? 'body',
    mode: MODES[Math.floor(at / PLACES.length) % MODES.length] ?? 'semi_auto',
    requester: PEOPLE[Math.floor(at / 7) % PEOPLE.length] ?? '1',
  }
}

/** Every `step`th case of the bar. Each injection in each disguise is hidden in as many ways as `hidings` says. */
export function groups({ step, hidings }: { readonly step: number; readonly hidings: number }): readonly Group[] {
  return [
    {
      says: `${injections().length} injections in ${OBFUSCATIONS.length} disguises, hidden`,
      cases: every(hiddenCases(hidings), step),
    },
    {
      says: `${injections().length} injections in ${OBFUSCATIONS.length} disguises, seen`,
      cases: every(shownCases(), step),
    },
    {
      says: 'look-alikes',
      cases: every(
        map(lookAlikes(), (one) => `${one.in} ${one.word}`, lookAlikeFaults),
        step,
      ),
    },
    {
      says: 'Trojan Source',
      cases: every(
        map(turnedTexts(), ({ text }) => text, turnedFaults),
        step,
      ),
    },
  ]
}

type Disguised = { readonly words: () => string; readonly about: string }

function* disguised(): Generator<Disguised> {
  for (const injection of injections())
    for (const [disguise, obfuscate] of OBFUSCATIONS)
      yield { words: () => obfuscate(injection), about: `${disguise}: ${injection}` }
}

function* hiddenCases(hidings: number): Generator<Case> {
  let at = 0
  for (const { words, about } of disguised())
    for (let i = 0; i < hidings; i += 1) {
      const hiding = HIDINGS[at % HIDINGS.length]
      const setting = settingOf(Math.floor(at / HIDINGS.length) + at)
      at += 1
      if (hiding === undefined) continue
      const where = setting.where === 'title' && hiding.hide('x').text.includes('\n') ? 'body' : setting.where
      yield {
        about: `${hiding.how} in the ${where}, ${about}`,
        faults: () => hiddenFaults(hiding, words(), { ...setting, where }),
      }
    }
}

function* shownCases(): Generator<Case> {
  let at = 0
  for (const { words, about } of disguised()) {
    const showing = SHOWINGS[at % SHOWINGS.length]
    const setting = settingOf(Math.floor(at / SHOWINGS.length) + at)
    at += 1
    if (showing === undefined) continue
    const where = setting.where === 'title' ? 'body' : setting.where
    yield {
      about: `${showing.how} in the ${where}, ${about}`,
      faults: () => shownFaults(showing, words(), { ...setting, where }),
    }
  }
}

/** A case for each of these, in the settings in turn. */
export function* map<T>(
  all: readonly T[],
  about: (one: T) => string,
  faults: (one: T, setting: Setting) => readonly string[],
): Generator<Case> {
  for (const [at, one] of all.entries()) yield { about: about(one), faults: () => faults(one, settingOf(at)) }
}

function* every(cases: Iterable<Case>, step: number): Generator<Case> {
  let at = 0
  for (const one of cases) {
    if (at % step === 0) yield one
    at += 1
  }
}
