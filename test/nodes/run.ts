/** `npm run campaign:nodes -- NAME [--count N] [--nodes N] [--timeout-millis N]`: a campaign on nodes and a new PostgreSQL server. */
import { parseArgs } from "node:util"
import { campaigns } from "./campaigns/all.ts"
import { startWholeCluster } from "./cluster.ts"
import { endOnSignal } from "./endOnSignal.ts"
import { closeConnections } from "./signedHttp.ts"

endOnSignal()
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" }, nodes: { type: "string" }, "timeout-millis": { type: "string" } }
})
const [name = ""] = positionals
const campaign = campaigns[name]
if (campaign === undefined) {
  const list = Object.entries(campaigns).map(([known, { about, count }]) => `  ${known.padEnd(14)} ${count} ${about}`)
  process.stderr.write(`Name a campaign. --count says how many, --nodes on how many nodes.\n${list.join("\n")}\n`)
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
