/** `npm run power-loss -- [--images N]`: opens the disks that a power loss may leave behind a recorded service. */
import type { Control } from "./images.ts"
import { faultsOf, lossesIn, record } from "./powerLoss.ts"
import { programOptions } from "../programOptions.ts"

const { values } = programOptions({
  command: "npm run power-loss -- [options]",
  does: "Opens the disks that a power loss may leave behind a recorded service.",
  options: {
    images: {
      type: "string",
      default: "1000",
      about: "how many disks are opened; recordings are repeated until there are enough"
    },
    lives: { type: "string", default: "2", about: "how often three keys live in each recording" },
    draws: { type: "string", default: "4", about: "how many disks are drawn for each moment of a recording" },
    each: { type: "string", default: "1", about: "opens only every n-th disk" },
    seed: { type: "string", default: "1", about: "the seed of the first recording" },
    control: { type: "string", default: "none", about: "the syncs that do not count: none, noSyncs or noLogSyncs" },
    json: { type: "boolean", default: false, about: "prints the totals as JSON only" }
  }
})

const controls: ReadonlyArray<Control> = ["none", "noSyncs", "noLogSyncs"]
const control = controls.find((one) => one === values.control)
if (control === undefined) throw new Error(`--control is one of ${controls.join(", ")}`)

const [imagesMax, each] = [Number(values.images), Number(values.each)]
const totals = { recordings: 0, fileEvents: 0, images: 0, failed: 0, firstFailure: "" }
const say = (text: string): void => {
  if (!values.json) process.stdout.write(`${text}\n`)
}

const openAll = async (seed: number): Promise<void> => {
  const recording = await record(Number(values.lives), true)
  totals.recordings++
  totals.fileEvents += recording.fileEvents.length
  let at = 0
  for (const loss of lossesIn(recording, { seed, draws: Number(values.draws), control })) {
    if (at++ % each !== 0) continue
    const faults = await faultsOf(recording, loss)
    totals.images++
    if (faults.length > 0 && totals.failed++ === 0) {
      totals.firstFailure = `after ${loss.at} fileEvents: ${faults.join("; ")}`
      say(totals.firstFailure)
    }
    if (totals.images % 500 === 0) say(`${totals.images} images, ${totals.failed} fail`)
    if (totals.images >= imagesMax) return
  }
}

for (let seed = Number(values.seed); totals.images < imagesMax; seed++) await openAll(seed)
if (values.json) process.stdout.write(JSON.stringify(totals))
say(`${totals.images} images of ${totals.recordings} recordings, ${totals.failed} fail`)
process.exitCode = totals.failed === 0 ? 0 : 1
