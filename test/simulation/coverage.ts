/** The coverage of runs, and the coverage that a campaign must have to count. */
import { deadlineKinds } from "../../machines/vocabulary.ts"
import { changeNames } from "./lifecycle.ts"
import { faults } from "./scenario.ts"

type Coverage = ReadonlyMap<string, number>

const failpoints = [
  "commit.before",
  "commit.done",
  "commit.answered",
  "actor.open.before",
  "actor.open.after",
  "actor.owed.before",
  "actor.owed.after",
  "clock.move.before",
  "clock.move.after"
]

/** A campaign of a thousand seeds must have all of these. */
const required: ReadonlyArray<string> = [
  ...changeNames.map((name) => `event ${name}`),
  ...deadlineKinds.map((kind) => `event ${kind}`),
  ...changeNames.map((name) => `${name} unknown`),
  ...faults.filter((fault) => fault !== "failpoint").map((fault) => `fault ${fault}`),
  ...failpoints.map((name) => `failpoint ${name}`),
  "conflict on keys",
  "clock in doubt",
  "clock confirmed",
  "Encrypt Success",
  "Encrypt Rejected.Disabled",
  "Encrypt Forbidden.KeyNotFound",
  "years pass by the virtual clock",
  "years pass while machines are off",
  "years pass while machines are suspended",
  "a signed request Success",
  "a signed request InvalidAccessKeyId.Inactive",
  "Encrypt Forbidden.NoPermission"
]

export const missingIn = (met: Coverage): ReadonlyArray<string> => required.filter((name) => !met.has(name))

export const coverageText = (met: Coverage): string =>
  [...met]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, times]) => `${String(times).padStart(8)}  ${name}`)
    .join("\n")
