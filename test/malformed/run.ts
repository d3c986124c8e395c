/** `npm run malformed -- [--requests N] [--seed N] [--only N]`: sends malformed requests and reports faults of the server. */
import { endOnSignal } from "../nodes/endOnSignal.ts"
import { attackService } from "./attack.ts"
import type { Fault } from "./attack.ts"
import { programOptions } from "../programOptions.ts"

endOnSignal()
const { values } = programOptions({
  command: "npm run malformed -- [options]",
  does: "Sends requests that break careless parsers to a server with HTTP and HTTPS.",
  options: {
    requests: { type: "string", default: "100000", about: "how many requests" },
    seed: { type: "string", default: "1", about: "the seed of the requests" },
    only: { type: "string", about: "the number of one request, to send it alone" },
    lanes: { type: "string", default: "16", about: "how many clients at once" },
    "limit-millis": {
      type: "string",
      default: "60000",
      about: "a request without an answer after this time is a fault"
    }
  }
})

const seed = Number(values.seed)
const only = values.only === undefined ? undefined : Number(values.only)
const requests = only === undefined ? Number(values.requests) : only + 1

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20)

const { answers, faults, resident } = await attackService({
  requests,
  seed,
  first: only ?? 0,
  lanes: only === undefined ? Number(values.lanes) : 1,
  limitMillis: Number(values["limit-millis"]),
  onProgress: (done, bytes) => process.stderr.write(`${done} requests, ${megabytes(bytes)} MB\n`)
})

const show = ({ at, says, why }: Fault): void => {
  process.stdout.write(`request ${at} of seed ${seed}: ${why}\n  ${says}\n`)
}

/** Below this count the resident size is still that of a start. */
const countForGrowth = 100_000
const growthMax = 1.5
const [early, late] = resident
const grows = requests >= countForGrowth && late > early * growthMax

for (const fault of faults) show(fault)
if (grows) process.stdout.write(`the service grew from ${megabytes(early)} MB to ${megabytes(late)} MB\n`)
const byStatus = [...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name}: ${count}`)
const size = `${megabytes(early)} MB after a fifth, ${megabytes(late)} MB at the end`
process.stdout.write(`${requests} requests, ${faults.length} faults; ${byStatus.join(", ")}; ${size}\n`)
process.exitCode = faults.length === 0 && !grows ? 0 : 1
