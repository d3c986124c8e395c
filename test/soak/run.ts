/** `npm run soak -- --hours 24`: a server under a steady mixed load, whose resident size must stay the same. */
import { setTimeout as pause } from "node:timers/promises"
import { startService } from "../malformed/service.ts"
import { endOnSignal } from "../nodes/endOnSignal.ts"
import { closeConnections } from "../nodes/signedHttp.ts"
import { soak } from "./load.ts"
import type { Tally } from "./load.ts"
import { judgeResident } from "./resident.ts"
import { programOptions } from "../programOptions.ts"

endOnSignal()
const { values } = programOptions({
  command: "npm run soak -- [options]",
  does: "Loads a server steadily, and fails if its resident size grows by more than 5 % after the first hour.",
  options: {
    hours: { type: "string", default: "1", about: "how long" },
    lanes: { type: "string", default: "8", about: "how many clients at once" },
    rate: { type: "string", default: "100", about: "requests in a second" }
  }
})
const hours = Number(values.hours)
if (!(hours > 0)) throw new Error("--hours is a number above 0.")
const millis = hours * 3_600_000

/** A minute; a short run needs enough samples to judge. */
const sampleMillis = Math.min(60_000, millis / 60)
/** In the first hour caches and the memory of signatures fill up. */
const warmUpMillis = Math.min(3_600_000, millis / 2)

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20)

const service = await startService(["--clock", "virtual"])
const tally: Tally = { requests: 0, faults: [] }
const sizes: Array<number> = []
const startedAt = performance.now()
const passed = (): number => performance.now() - startedAt
const isOver = (): boolean => passed() >= millis || service.ended() !== undefined

const sample = async (): Promise<void> => {
  while (!isOver()) {
    await pause(sampleMillis)
    if (service.ended() !== undefined) return
    const size = service.residentBytes()
    process.stderr.write(`${Math.round(passed() / 1000)} s, ${tally.requests} requests, ${megabytes(size)} MB\n`)
    if (passed() > warmUpMillis) sizes.push(size)
  }
}

const { faults } = tally
try {
  const url = `http://127.0.0.1:${service.plainPort}`
  await Promise.all([soak({ url, lanes: Number(values.lanes), rate: Number(values.rate), isOver }, tally), sample()])
  const end = service.ended()
  if (end !== undefined) faults.push(end)
  await service.stop()
  const damage = service.damage()
  if (damage !== undefined) faults.push(damage)
} finally {
  await service.stop()
  service.removeStore()
  closeConnections()
}
const { isFlat, least, median, most } = judgeResident(sizes)
for (const fault of faults) process.stdout.write(`${fault}\n`)
process.stdout.write(
  `${hours} hours, ${tally.requests} requests, ${faults.length} faults; ` +
    `after ${Math.round(warmUpMillis / 60_000)} minutes ${megabytes(median)} MB, from ${megabytes(least)} to ${megabytes(most)} MB\n`
)
process.exitCode = faults.length === 0 && isFlat ? 0 : 1
