/** `npm run campaign:nodes -- NAME [--count N] [--nodes N] [--timeout-millis N]`: a campaign on nodes and a new PostgreSQL server. */
import { campaigns } from "./campaigns/all.ts"
import { startWholeCluster } from "./cluster.ts"
import { endOnSignal } from "./endOnSignal.ts"
import { closeConnections } from "./signedHttp.ts"
import { programOptions } from "../programOptions.ts"

endOnSignal()
const list = Object.entries(campaigns)
  .map(([known, { about, count }]) => `  ${known.padEnd(14)} ${count} ${about}`)
  .join("\n")
const { positionals, values } = programOptions(
  {
    command: "npm run campaign:nodes -- CAMPAIGN [options]",
    does: `Runs a campaign on nodes and a new PostgreSQL server.\n\n${list}`,
    options: {
      count: { type: "string", about: "how many; what that counts is in the list" },
      nodes: { type: "string", about: "how many nodes" },
      "timeout-millis": { type: "string", about: "how long a server waits for the database" }
    }
  },
  true
)
const [name = ""] = positionals
const campaign = campaigns[name]
if (campaign === undefined) {
  process.stderr.write(`Name a campaign. --count says how many, --nodes on how many nodes.\n${list}\n`)
  process.exit(1)
}
const nodes = Number(values.nodes ?? campaign.needs.nodes)
const timeout = values["timeout-millis"]
const timeoutMillis = timeout === undefined ? undefined : Number(timeout)
const cluster = await startWholeCluster({ ...campaign.needs, nodes, timeoutMillis })
const startedAt = performance.now()
const { faults, figures } = await campaign.run(cluster, Number(values.count ?? campaign.count))
const seconds = Math.round((performance.now() - startedAt) / 1000)
for (const fault of faults) process.stdout.write(`${fault}\n`)
const told = Object.entries(figures).map(([figure, value]) => `${figure}: ${value}`)
process.stdout.write(`${name} on ${nodes} nodes: ${told.join("; ")}; faults: ${faults.length}; ${seconds} s\n`)
await cluster.close()
closeConnections()
process.exitCode = faults.length === 0 ? 0 : 1
