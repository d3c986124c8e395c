/** Simultaneous deadlines on three nodes, one of which is killed: each deadline has one event. */
import { setTimeout as pause } from "node:timers/promises"
import { kms } from "../../histories/door.ts"
import type { Cluster } from "../cluster.ts"
import { answer, damageOf, eachOf, memberAt } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

const atOnce = 16
/** How long before the instant the clock resumes, so that each node waits for the instant. */
const secondsBefore = 5

const fired = async ({ sql }: Cluster): Promise<number> => {
  const [row] = await sql(["SELECT count(*)::text AS many FROM keystate.events WHERE payload LIKE '%\"RotationDue\"%'"])
  return Number(row?.["many"])
}

/** The instant of the first rotation of the keys. */
const dueInstant = async ({ sql }: Cluster): Promise<string> => {
  const [row] = await sql(["SELECT max(due_at)::text AS due FROM keystate.deadlines WHERE kind = 'RotationDue'"])
  return String(row?.["due"])
}

const overdue = async ({ sql }: Cluster, instant: string): Promise<number> => {
  const [row] = await sql([
    "SELECT count(*)::text AS many FROM keystate.deadlines WHERE kind = 'RotationDue' AND due_at <= $1::bigint",
    instant
  ])
  return Number(row?.["many"])
}

const twice = async ({ sql }: Cluster): Promise<ReadonlyArray<string>> => {
  const rows = await sql([
    "SELECT key, count(*)::text AS many FROM keystate.events WHERE payload LIKE '%\"RotationDue\"%' GROUP BY key HAVING count(*) <> 1"
  ])
  return rows.map((row) => `key ${String(row["key"])} was rotated ${String(row["many"])} times`)
}

export const deadlines: Campaign = {
  about: "deadlines at one instant on three nodes, one of which is killed during them",
  needs: { nodes: 3, isVirtual: true, keysMax: 100_000 },
  count: 2000,
  run: async (cluster, count) => {
    const [first, ...others] = cluster.members
    await answer(first, kms("FreezeClock"))
    await eachOf(count, atOnce, (number) =>
      answer(
        memberAt(cluster, number),
        kms("CreateKey", {
          EnableAutomaticRotation: "true",
          RotationInterval: "365d"
        })
      )
    )
    const instant = await dueInstant(cluster)
    await answer(first, kms("AdvanceClock", { By: `${365 * 86_400 - secondsBefore}s` }))
    await answer(first, kms("ResumeClock"))
    // A node learns of the moved clock with its next answer from the store.
    for (const member of others) await answer(member, kms("ShowClock"))
    while ((await fired(cluster)) === 0) await pause(10)
    const startedAt = performance.now()
    const victim = memberAt(cluster, 1)
    await victim.kill()
    const atKill = await fired(cluster)
    while ((await overdue(cluster, instant)) > 0) await pause(20)
    const seconds = (performance.now() - startedAt) / 1000
    const events = await fired(cluster)
    const faults = await twice(cluster)
    await victim.start()
    const figures = {
      deadlines: count,
      "fired before the kill": atKill,
      events,
      seconds: Math.round(seconds * 10) / 10
    }
    return {
      figures,
      faults: [
        ...faults,
        ...(events === count ? [] : [`${count} deadlines have ${events} events`]),
        ...(await damageOf(cluster))
      ]
    }
  }
}
