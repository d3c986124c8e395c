/** The goals of `npm run bench:load`: ratios of one server to another, each the median of the rounds. */
import type { Goal, LoadResult } from "./loadPage.ts"
import { encrypt32 } from "./loadCases.ts"
import { median } from "./measure.ts"

/** The loads of one operation on one server, in order. */
export type Round = ReadonlyArray<LoadResult>

/** The goals of the project against the peers of these names. Other peers have none. */
const peerGoals: Readonly<Record<string, { readonly rateAtLeast?: number; readonly cpuAtMost?: number }>> = {
  "local-kms": { rateAtLeast: 1, cpuAtMost: 1 },
  moto: { rateAtLeast: 40 }
}

/** The goal for the CPU time that Keystate adds to a server with a fixed text, over what the bare server adds. */
const ownWorkAtMost = 1.5

const loadsOf = (all: ReadonlyArray<Round>, operation: string, server: string): Round =>
  all.find(([first]) => first?.operation === operation && first.server === server) ?? []

/** The median of a figure over the rounds; undefined unless every named load was measured. */
const overRounds = (loads: ReadonlyArray<Round>, ratio: (...round: ReadonlyArray<LoadResult>) => number) => {
  const ratios: Array<number> = []
  for (let round = 0; round < (loads[0]?.length ?? 0); round++) {
    const each = loads.flatMap((all) => all[round] ?? [])
    if (each.length < loads.length) return undefined
    ratios.push(ratio(...each))
  }
  return ratios.length === 0 ? undefined : Math.round(median(ratios) * 1000) / 1000
}

const nothing: LoadResult = {
  operation: "",
  server: "",
  requests: 0,
  perSecond: Number.NaN,
  cpuMicros: Number.NaN,
  p50: Number.NaN,
  p99: Number.NaN,
  residentMegabytes: Number.NaN
}

export const goalsOf = (all: ReadonlyArray<Round>, peers: ReadonlyArray<string>): ReadonlyArray<Goal> => {
  const goals: Array<Goal> = []
  const own = loadsOf(all, encrypt32, "Keystate")
  const add = (name: string, ratio: number | undefined, goal: Pick<Goal, "goal" | "atMost">): void => {
    if (ratio !== undefined) goals.push({ name, ratio, ...goal })
  }
  const extra = [own, loadsOf(all, encrypt32, "bare"), loadsOf(all, "any request", "fixed text")]
  add(
    "CPU time of a signed Encrypt beyond the fixed text / the same of the bare server",
    overRounds(
      extra,
      (ours = nothing, bare = nothing, fixed = nothing) =>
        (ours.cpuMicros - fixed.cpuMicros) / (bare.cpuMicros - fixed.cpuMicros)
    ),
    { goal: ownWorkAtMost, atMost: true }
  )
  for (const peer of peers) {
    const pair = [own, loadsOf(all, encrypt32, peer)]
    const { cpuAtMost, rateAtLeast } = peerGoals[peer] ?? {}
    add(
      `CPU time of a signed Encrypt / of an unsigned one by ${peer}`,
      overRounds(pair, (ours = nothing, theirs = nothing) => ours.cpuMicros / theirs.cpuMicros),
      { goal: cpuAtMost, atMost: true }
    )
    add(
      `signed Encrypt in a second / unsigned by ${peer}`,
      overRounds(pair, (ours = nothing, theirs = nothing) => ours.perSecond / theirs.perSecond),
      { goal: rateAtLeast }
    )
  }
  return goals
}
