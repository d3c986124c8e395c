/** `npm run kills -- --kills 1000`: kills a service on SQLite at its boundaries and at random moments, and looks for lost changes. */
import { boundaries, inScratch, killedAfter, killedAt, visits } from "./killing.ts"
import { programOptions } from "../programOptions.ts"

const { values } = programOptions({
  command: "npm run kills -- [options]",
  does: "Kills a service on SQLite at its boundaries and at random moments, and looks for lost changes.",
  options: {
    kills: { type: "string", default: "100", about: "how many kills" }
  }
})
const kills = Number(values.kills)
if (!Number.isInteger(kills) || kills < 1) throw new Error("--kills is a number from 1.")

const places = visits.flatMap((visit) => boundaries.map((name) => ({ name, visit })))
/** So many answers a service gives at most before it is killed at a random moment. */
const answersMax = 200
const answersMin = 5

const met = new Set<string>()
let [atRandom, faults] = [0, 0]

/** Every second kill is at a boundary, on a new directory. The others are on one directory that grows. */
const killOnce = async (shared: string, kill: number): Promise<ReadonlyArray<string>> => {
  const place = places[(kill >> 1) % places.length]
  if (kill % 2 === 0 && place !== undefined) {
    met.add(place.name)
    return inScratch((directory) => killedAt(directory, place.name, place.visit))
  }
  atRandom++
  return killedAfter(shared, answersMin + Math.floor(Math.random() * (answersMax - answersMin)))
}

/** A directory takes so many kills: every later check reads all of its keys. */
const killsOfDirectory = 40

const killInTurn = async (shared: string, first: number): Promise<void> => {
  for (let kill = first; kill < Math.min(kills, first + killsOfDirectory); kill++) {
    for (const fault of await killOnce(shared, kill)) {
      faults++
      process.stdout.write(`kill ${kill}: ${fault}\n`)
    }
  }
}

for (let first = 0; first < kills; first += killsOfDirectory) await inScratch((shared) => killInTurn(shared, first))
process.stdout.write(
  `${kills} kills on SQLite, ${kills - atRandom} of them at ${met.size} of ${boundaries.length} boundaries, ${faults} faults\n`
)
process.exitCode = faults === 0 ? 0 : 1
