/** An unavailable database: every answer says so within two seconds, and the first call afterwards succeeds. */
import { setTimeout as pause } from "node:timers/promises"
import { kms, memberOf, ram, sts } from "../../histories/door.ts"
import type { Cluster, Member } from "../cluster.ts"
import { answer, call, codeOf, damageOf } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

/** Functions that stop the database, and start it again. */
interface Absence {
  readonly name: string
  readonly begin: (cluster: Cluster) => unknown
  readonly end: (cluster: Cluster) => unknown
}

const everyLink = (act: (member: Member) => void) => (cluster: Cluster) => cluster.members.forEach(act)

const absences: ReadonlyArray<Absence> = [
  {
    name: "stopped",
    begin: ({ server }) => server.crash({ isStarted: false }),
    end: ({ server }) => server.start()
  },
  {
    name: "out of reach",
    begin: everyLink(({ link }) => link.pause()),
    end: everyLink(({ link }) => link.resume())
  },
  {
    name: "late",
    begin: everyLink(({ link }) => link.hold()),
    end: everyLink(({ link }) => link.release())
  }
]

const readiness = async ({ url }: Member): Promise<{ readonly status: number; readonly store: unknown }> => {
  const response = await fetch(`${url()}/readyz`)
  const body: unknown = await response.json()
  const checks = memberOf(body, "checks")
  const store = Array.isArray(checks) ? checks.find((check) => memberOf(check, "name") === "store") : undefined
  return { status: response.status, store: memberOf(store, "ok") }
}

/** Calls of every kind: uses, changes, refusals, lists, access control. */
const callsOn = (KeyId: string) => [
  kms("Encrypt", { KeyId, Plaintext: "eA==" }),
  kms("DisableKey", { KeyId }),
  kms("EnableKey", { KeyId }),
  kms("CreateKey"),
  kms("DescribeKey", { KeyId: "alias/none" }),
  kms("ListKeys"),
  kms("ListAliases"),
  kms("TagResource", { KeyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' }),
  ram("ListUsers"),
  ram("CreateUser", { UserName: `away-${crypto.randomUUID().slice(0, 8)}` }),
  sts("GetCallerIdentity")
]

/** The number of simultaneous calls, as from a client with several connections. */
const clients = 4

export const away: Campaign = {
  about: "absences of the database, of each kind: stopped, out of reach, late",
  needs: { nodes: 2 },
  count: 10,
  run: async (cluster, count) => {
    const faults: Array<string> = []
    const figures = { absences: 0, calls: 0, "slowest answer, ms": 0, "first success after it, ms": 0 }
    const [first] = cluster.members
    const KeyId = String(await answer(first, kms("CreateKey"), "KeyMetadata", "KeyId"))
    const during = async (absence: string, member: Member): Promise<void> => {
      for (const asked of callsOn(KeyId)) {
        const startedAt = performance.now()
        const code = codeOf(await call(member, asked))
        figures.calls++
        figures["slowest answer, ms"] = Math.max(
          figures["slowest answer, ms"],
          Math.round(performance.now() - startedAt)
        )
        if (code !== "ServiceUnavailableTemporary") faults.push(`${absence}: ${asked.action} was answered ${code}`)
      }
      const { status, store } = await readiness(member)
      if (status !== 503 || store !== false)
        faults.push(`${absence}: /readyz answers ${status}, store ${String(store)}`)
    }
    for (let at = 0; at < count * absences.length; at++) {
      const absence = absences[at % absences.length]
      if (absence === undefined) break
      figures.absences++
      await cluster.ready()
      await absence.begin(cluster)
      await Promise.all(
        cluster.members.flatMap((member) => Array.from({ length: clients }, () => during(absence.name, member)))
      )
      await absence.end(cluster)
      const backAt = performance.now()
      for (const member of cluster.members) {
        while (codeOf(await call(member, kms("DescribeKey", { KeyId }))) !== "Success") await pause(10)
        const millis = Math.round(performance.now() - backAt)
        figures["first success after it, ms"] = Math.max(figures["first success after it, ms"], millis)
      }
    }
    return { figures, faults: [...faults, ...(await damageOf(cluster))] }
  }
}
