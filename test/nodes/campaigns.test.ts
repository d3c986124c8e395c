/** A short run of each campaign, on nodes that are processes over one PostgreSQL server. */
import { afterAll, describe, expect, it } from "vitest"
import { isSound } from "../histories/history.ts"
import { playProcessRound } from "../histories/processRounds.ts"
import type { ProcessFault } from "../histories/processFaults.ts"
import { startPostgres } from "../../src/development/postgres.ts"
import type { PostgresServer } from "../../src/development/postgres.ts"
import { acceptedOnce } from "./campaigns/acceptedOnce.ts"
import { cutCommits } from "./campaigns/cutCommits.ts"
import { deadlines } from "./campaigns/deadlines.ts"
import { kills } from "./campaigns/kills.ts"
import { startCluster } from "./cluster.ts"
import type { Cluster } from "./cluster.ts"
import { closeConnections } from "./signedHttp.ts"
import { commandFile } from "../programs.ts"

let server: Promise<PostgresServer> | undefined
const clusters: Array<Cluster> = []

afterAll(async () => {
  for (const cluster of clusters) await cluster.close()
  await (await server)?.close()
  closeConnections()
})

/** Nodes that wait for their database as long as a busy machine needs. */
const start = async (isVirtual: boolean): Promise<Cluster> => {
  server ??= startPostgres()
  const cluster = await startCluster(await server, { nodes: 2, isVirtual, timeoutMillis: 60_000 })
  clusters.push(cluster)
  return cluster
}

const real = () => (kept.real ??= start(false))
const virtual = () => (kept.virtual ??= start(true))
const kept: { real?: Promise<Cluster>; virtual?: Promise<Cluster> } = {}

describe("two node processes", () => {
  it.each(["stop", "cut", "kill"] satisfies ReadonlyArray<ProcessFault>)(
    "two node processes have linearizable histories with the fault %s",
    async (fault) => {
      const round = { seed: fault.length, fault, operationsPerRegister: 20, clients: 6, stopMillis: 300 }
      const { histories } = await playProcessRound(await real(), round)
      expect(histories.filter((history) => !isSound(history))).toEqual([])
    }
  )

  it("nodes of two releases have linearizable histories while keystate migrate runs", async () => {
    server ??= startPostgres()
    const cluster = await startCluster(await server, { nodes: 2, otherRelease: await commandFile() })
    clusters.push(cluster)
    const round = { seed: 1, fault: "none", operationsPerRegister: 20, clients: 6, stopMillis: 0 } as const
    const [{ histories }] = await Promise.all([playProcessRound(cluster, round), cluster.migrate()])
    expect(histories.filter((history) => !isSound(history))).toEqual([])
  })

  it("a node process answers calls while the other is killed", async () => {
    const { faults, figures } = await kills.run(await real(), 2)
    expect(faults).toEqual([])
    expect(figures["kills"]).toBe(2)
  })

  it("a node answers a change as stored when the connection of its commit is cut", async () => {
    expect((await cutCommits.run(await real(), 2)).faults).toEqual([])
  })

  it("two node processes accept a request once, also after a crash of the database", async () => {
    expect((await acceptedOnce.run(await real(), 50)).faults).toEqual([])
  })

  it("two node processes perform each deadline once, although one is killed", async () => {
    const { faults, figures } = await deadlines.run(await virtual(), 40)
    expect(faults).toEqual([])
    expect(figures["events"]).toBe(40)
  })
})
