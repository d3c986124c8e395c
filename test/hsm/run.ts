/** `npm run kills:token -- --kills 1000`: kills a service on a SoftHSM token, and looks for lost keys and objects. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { endOnSignal } from "../nodes/endOnSignal.ts"
import { boundaries, familiesOn, faultsOfKill } from "./killing.ts"
import type { FamilyName, Moment } from "./killing.ts"
import { makeTestToken } from "./token.ts"
import { programOptions } from "../programOptions.ts"

endOnSignal()
const { values } = programOptions({
  command: "npm run kills:token -- [options]",
  does: "Kills a service with keys in a SoftHSM token, and looks for lost keys and objects.",
  options: {
    kills: { type: "string", default: "50", about: "how many kills" },
    first: {
      type: "string",
      about: "the kills on one token, from this number; prints only faults. The program starts itself with it"
    }
  }
})
const kills = Number(values.kills)
if (!Number.isInteger(kills) || kills < 1) throw new Error("--kills is a number from 1.")

/** A boundary is met at most so often before the kill. */
const visitsMax = 8
/** A service gives at most so many ciphertexts before it is killed at a random moment. */
const answersMax = 12
/** A token takes so many kills: its objects remain, and each check reads all of them. A process knows one token. */
const killsOfToken = 25
const families: ReadonlyArray<FamilyName> = ["AES", "SM"]

const upTo = (most: number): number => 1 + Math.floor(Math.random() * most)

const isAtBoundary = (kill: number): boolean => kill % 2 === 0
const boundaryOf = (kill: number): string => boundaries[(kill >> 1) % boundaries.length] ?? boundaries[0]

/** Every second kill is at a boundary, the boundaries in turn. */
const momentOf = (kill: number): Moment =>
  isAtBoundary(kill) ? { boundary: boundaryOf(kill), visit: upTo(visitsMax) } : { answers: upTo(answersMax) }

const killOnToken = async (first: number): Promise<void> => {
  const token = makeTestToken()
  const directory = mkdtempSync(join(tmpdir(), "keystate-kills-token-"))
  const onToken = familiesOn(token)
  try {
    for (let kill = first; kill < Math.min(kills, first + killsOfToken); kill++) {
      const family = families[Math.floor(kill / 2 / boundaries.length) % families.length] ?? "AES"
      const killing = { directory: join(directory, String(kill)), families: onToken, family, moment: momentOf(kill) }
      for (const fault of await faultsOfKill(killing))
        process.stdout.write(`kill ${kill}, ${family}, ${JSON.stringify(killing.moment)}: ${fault}\n`)
    }
  } finally {
    token.remove()
    rmSync(directory, { recursive: true, force: true })
  }
}

const killAll = (): void => {
  let faults = 0
  for (let first = 0; first < kills; first += killsOfToken) {
    const { status, stdout } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), "--kills", String(kills), "--first", String(first)],
      { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }
    )
    process.stdout.write(stdout)
    if (status !== 0) throw new Error(`the kills from ${first} ended with ${status}`)
    faults += stdout.split("\n").length - 1
  }
  const numbers = Array.from({ length: kills }, (_, kill) => kill).filter(isAtBoundary)
  const met = new Set(numbers.map(boundaryOf))
  process.stdout.write(
    `${kills} kills on SoftHSM, ${numbers.length} of them at ${met.size} of ${boundaries.length} boundaries, ${faults} faults\n`
  )
  process.exitCode = faults === 0 ? 0 : 1
}

if (values.first === undefined) killAll()
else await killOnToken(Number(values.first))
