import { controllerKey } from '../../src/app/evidence/export.ts'
import { parseCanonical } from '../../src/domain/canonical.ts'
import { type ControllerKey, Evidence } from '../../src/domain/evidence.ts'
import { controller, governedWith, shippedLanes } from '../support/builders.ts'
import {
  allSettled,
  claimed,
  evidenceOf,
  given,
  handedOver,
  later,
  requested,
  reviewed,
  type Scene,
  stopAsked,
  story,
} from '../support/given.ts'

/** Evidence with the keys that a reader pinned. */
export type Bundle = { readonly name: string; readonly bytes: Uint8Array; readonly trusted: readonly ControllerKey[] }

/** Runs of different kinds under a short control plane: they are to be verified some hundred thousand times. */
export async function shortBundles(): Promise<readonly Bundle[]> {
  return Promise.all([
    bundleOf('waiting for approval', short(), allSettled, claimed(), handedOver(), allSettled),
    bundleOf(
      'delivered in the light lane',
      later(60_000),
      short({ light: shippedLanes.light }),
      allSettled,
      claimed(),
      handedOver(),
      allSettled,
      reviewed(),
      allSettled,
    ),
    bundleOf('stopped while it waits for its job', later(120_000), short(), allSettled, stopAsked(), allSettled),
  ])
}

/** The golden story under the whole shipped control plane. */
export function mergedBundle(): Promise<Bundle> {
  return bundleOf('merged', story.merged)
}

export function evidenceIn({ bytes }: Pick<Bundle, 'bytes'>): Evidence {
  return Evidence.parse(parseCanonical(new TextDecoder().decode(bytes)))
}

async function bundleOf(name: string, ...scenes: readonly Scene[]): Promise<Bundle> {
  const text = await evidenceOf(given(...scenes).when().play)
  return { name, bytes: new TextEncoder().encode(text), trusted: [controllerKey(controller)] }
}

/** A request under the shipped policy without its recipes, and with no more than the commands that the story starts. */
function short(lanes?: { readonly light: typeof shippedLanes.light }): Scene {
  return (play) => {
    const { commands } = governedWith().policy
    play.world.policy = {
      commands: commands.filter(({ program }) => program === 'npm'),
      ...(lanes === undefined ? {} : { lanes }),
    }
    requested({ manifest: play.shelf.document({ ...governedWith(play.world.policy), recipes: [] }) })(play)
  }
}
