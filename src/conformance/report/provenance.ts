/** Sentences about the origin of a counterexample: whether it was replayed, and whether it was shrunk. */
import type { Counterexample, ToldCounterexample } from "./report.ts"

const replays = {
  newService: "Replayed on a new service: the law broke again.",
  newKeys: "Replayed on new keys: the law broke again.",
  usedService: "Replayed on new keys of the same service: the law broke again. On a new service it did not.",
  no: "Seen once, not reproduced: the law did not break again on new keys. The steps are shown as they were found.",
  untried: "Not replayed: the time for the run was over. The steps are shown as they were found."
} as const satisfies Record<Counterexample["replayed"], string>

const steps = (count: number): string => (count === 1 ? "1 step" : `${count} steps`)

const endings = {
  done: "",
  off: "Not shrunk.",
  outOfTime: "Not shrunk further for lack of time.",
  noRoom: "Not shrunk further: the service accepts no more keys.",
  tooLong: "Not shrunk further: there are too many steps to try each. Some may not be needed."
} as const satisfies Record<Counterexample["shrinking"], string>

const shrinkingOf = ({ shrinking, shrunkFrom, steps: { length } }: ToldCounterexample): string => {
  if (shrunkFrom > length) return `Shrunk from ${steps(shrunkFrom)} to ${length}. ${endings[shrinking]}`.trim()
  if (shrinking !== "done") return endings[shrinking].replace(" further", "")
  return length === 1 ? "It has one step." : `It needs all ${length} steps.`
}

const historyOf = ({ withHistory }: ToldCounterexample): string =>
  withHistory ? "The keys were used by earlier sequences; their steps are needed and shown." : ""

/** The origin of a counterexample, as sentences. */
export const provenanceOf = (found: ToldCounterexample): string =>
  [
    replays[found.replayed],
    historyOf(found),
    found.reproduced ? shrinkingOf(found) : "",
    `Found in the phase ${found.phase} with seed ${found.seed}.`
  ]
    .filter((sentence) => sentence !== "")
    .join(" ")
