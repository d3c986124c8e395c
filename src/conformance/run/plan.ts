/** The sequences of each phase, in their order. */
import { createHash } from "node:crypto"
import { bursts } from "../explore/bursts.ts"
import { exhaustive } from "../explore/exhaustive.ts"
import { scripts } from "../explore/scripts.ts"
import { drawsOf, walker } from "../explore/walks.ts"
import { kinds } from "../model/kinds.ts"
import type { TestTarget } from "./testTarget.ts"
import type { Phase } from "./options.ts"
import type { Source } from "./sequence.ts"
import type { Settings } from "./settings.ts"

const numberOf = (seed: string): number => createHash("sha256").update(seed).digest().readInt32BE(0)

const kindsFor = ({ profiles, dialect }: Settings): ReadonlyArray<string> =>
  Object.entries(kinds).flatMap(([name, { profile }]) =>
    profiles.includes(profile) && (dialect.kinds?.includes(name) ?? true) ? [name] : []
  )

/** Drawn in portions, so that a long campaign does not keep all of them in memory. */
const walks = function* (settings: Settings, walk: ReturnType<typeof walker>): Generator<Source> {
  const { runs, maxLength } = settings
  const seed = numberOf(settings.seed)
  const lot = 100
  for (let done = 0; done < runs; done += lot) {
    for (const draws of drawsOf(seed + done, Math.min(lot, runs - done), maxLength)) yield walk(draws)
  }
}

export const planOf = (phase: Phase, settings: Settings, { adapter, has }: TestTarget): Iterable<Source> => {
  const { dialect, profiles, runs, parallel } = settings
  const hasClock = adapter.capabilities.clock === "virtual"
  const made = kindsFor(settings)
  switch (phase) {
    case "metamorphic":
      return scripts({ dialect, profiles, kinds: made, isEmptied: adapter.capabilities.reset === "perRun" })
    case "exhaustive":
      return exhaustive({ kinds: made, dialect, has, hasClock })
    case "bursts":
      return bursts({
        seed: numberOf(settings.seed),
        runs: Math.min(100, Math.ceil(runs / 4)),
        parallel,
        has,
        grants: profiles.includes("policy") && adapter.grant !== undefined
      })
    case "walks": {
      const kindsOfWalks = made.filter((kind) => kind !== "service")
      return walks(settings, walker({ dialect, has, profiles, hasClock, kinds: kindsOfWalks }))
    }
    default:
      return phase satisfies never
  }
}
