/** `npm run interleavings`: each pair of operations in every order that one engine or two engines allow. */
import { breakEngine, importFaulty } from "../../conformance/power/broken.ts"
import { engineFaults } from "../power/faults.ts"
import { sequenceOf } from "../sequence.ts"
import type * as Interleaving from "./interleave.ts"
import type { Meeting, SettingName } from "./interleave.ts"
import { meetingsOf } from "./meetings.ts"
import { programOptions } from "../../programOptions.ts"

const { values } = programOptions({
  command: "npm run interleavings -- [options]",
  does: "Performs sets of operations in every order that engines allow.",
  options: {
    settings: { type: "string", default: "memory,shared,nodes", about: "of memory, shared, nodes and threeNodes" },
    operations: { type: "string", default: "2", about: "2 or 3 operations in a set" },
    failures: { type: "string", default: "0", about: "how many commits fail in each order" },
    paths: {
      type: "string",
      default: "1000000",
      about: "the maximum number of orders of a set; a set with more is counted as cut"
    },
    each: { type: "string", default: "1", about: "only every n-th set" },
    only: { type: "string", about: "only the set of exactly these operations, with commas between them" },
    fault: { type: "string", about: "a seeded fault of the engine, which the run must find" },
    json: { type: "boolean", default: false, about: "prints the totals as JSON only" }
  }
})

const settingNames: ReadonlyArray<SettingName> = ["memory", "shared", "nodes", "threeNodes"]
const wanted = values.settings.split(",")
const chosen = settingNames.filter((name) => wanted.includes(name))
if (chosen.length !== wanted.length) throw new Error(`--settings are of ${settingNames.join(", ")}`)

const load = async (): Promise<typeof Interleaving> => {
  const path = "test/simulation/interleavings/interleave.ts"
  if (values.fault === undefined) return import("./interleave.ts")
  const fault = engineFaults.find(({ id }) => id === values.fault)
  if (fault === undefined) throw new Error(`there is no fault ${values.fault}`)
  breakEngine(fault)
  return (await importFaulty(path)) as typeof Interleaving
}

const { interleave } = await load()

const count = values.operations === "3" ? 3 : 2
const only = values.only?.split(",").toSorted().join()
const meetings = chosen
  .flatMap((setting) => meetingsOf(setting, count, Number(values.failures)))
  .filter(({ operations }) => only === undefined || operations.toSorted().join() === only)
  .filter((_, at) => at % Number(values.each) === 0)

const inWords = ({ setting, sort, before, operations, failures }: Meeting): string =>
  `${setting}: ${operations.join(" and ")} on a key of ${sort} material after ${before.join(", ") || "nothing"}, ${failures} failures`

const totals = { meetings: 0, paths: 0, cut: 0, failed: 0 }
const say = (text: string): void => {
  if (!values.json) process.stdout.write(`${text}\n`)
}
/** How many cut meetings each operation is in. */
const cutWith = new Map<string, number>()
/** The operations that make most meetings too long. */
const namedMax = 4
const cutInWords = (): string => {
  const most = [...cutWith].toSorted(([, left], [, right]) => right - left).slice(0, namedMax)
  return most.length === 0 ? "" : ` (most with ${most.map(([name, times]) => `${name}: ${times}`).join(", ")})`
}
let firstFailure = ""
for (const meeting of meetings) {
  const { paths, isComplete, violations, trace } = interleave(meeting, Number(values.paths))
  totals.meetings++
  totals.paths += paths
  if (violations.length > 0) {
    if (totals.failed++ === 0) {
      firstFailure = `${inWords(meeting)}: ${violations[0] ?? ""}`
      say(`${inWords(meeting)}\n  ${violations.join("\n  ")}\n${sequenceOf(trace, 3)}`)
    }
    if (values.fault !== undefined) break
  } else if (!isComplete) {
    totals.cut++
    for (const name of new Set(meeting.operations)) cutWith.set(name, (cutWith.get(name) ?? 0) + 1)
    say(`cut after ${paths} orders: ${inWords(meeting)}`)
  }
  if (totals.meetings % 50 === 0) say(`${totals.meetings} of ${meetings.length} meetings, ${totals.paths} orders`)
}
if (values.json) process.stdout.write(JSON.stringify({ ...totals, firstFailure }))
say(`${totals.meetings} meetings, ${totals.paths} orders, ${totals.cut} cut${cutInWords()}, ${totals.failed} fail`)
process.exitCode = totals.failed === 0 ? 0 : 1
