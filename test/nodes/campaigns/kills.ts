/** Nodes that are killed under load, one after another: calls on the other nodes are not affected. */
import { kms } from "../../histories/door.ts"
import type { Member } from "../cluster.ts"
import { answer, call, codeOf, damageOf, memberAt } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

const clientsPerNode = 3
/** Calls on the other nodes between a start and the next kill. */
const callsBetween = 30

interface Load {
  /** The node that is being killed or started. */
  victim: Member | undefined
  isOver: boolean
  calls: number
  failedOnVictim: number
  slowest: number
  readonly faults: Array<string>
}

const count = (load: Load, member: Member, code: string): void => {
  load.calls++
  if (code === "Success") return
  if (load.victim === member) load.failedOnVictim++
  else load.faults.push(`a call on node ${member.name} was answered ${code}`)
}

/** Uses and changes a separate key and a common key, until the load ends. */
const client = async (load: Load, member: Member, keys: { readonly own: string; readonly common: string }) => {
  const calls = [
    kms("Encrypt", { KeyId: keys.common, Plaintext: "eA==" }),
    kms("DisableKey", { KeyId: keys.own }),
    kms("EnableKey", { KeyId: keys.own }),
    kms("Encrypt", { KeyId: keys.own, Plaintext: "eA==" })
  ]
  while (!load.isOver) {
    // A change with an unknown outcome may have disabled the key: each round enables the key again.
    for (const asked of calls) {
      const wasVictim = load.victim === member
      const startedAt = performance.now()
      const code = codeOf(await call(member, asked))
      const isVictim = wasVictim || load.victim === member
      if (!isVictim) load.slowest = Math.max(load.slowest, performance.now() - startedAt)
      if (isVictim && code !== "Success") {
        load.calls++
        load.failedOnVictim++
      } else count(load, member, code)
      if (isVictim) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

export const kills: Campaign = {
  about: "kills of one of three nodes under load",
  needs: { nodes: 3 },
  count: 100,
  run: async (cluster, kills) => {
    const load: Load = { victim: undefined, isOver: false, calls: 0, failedOnVictim: 0, slowest: 0, faults: [] }
    const newKey = async () => String(await answer(cluster.members[0], kms("CreateKey"), "KeyMetadata", "KeyId"))
    const common = await newKey()
    const clients: Array<Promise<void>> = []
    for (const member of cluster.members) {
      for (let made = 0; made < clientsPerNode; made++) {
        clients.push(client(load, member, { own: await newKey(), common }))
      }
    }
    const enoughCalls = async (): Promise<void> => {
      const until = load.calls + callsBetween
      while (load.calls < until) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (let killed = 0; killed < kills; killed++) {
      await enoughCalls()
      const victim = memberAt(cluster, killed)
      load.victim = victim
      await victim.kill()
      await enoughCalls()
      await victim.start()
      // Calls that began before the start are answered first.
      await enoughCalls()
      load.victim = undefined
    }
    await enoughCalls()
    load.isOver = true
    await Promise.all(clients)
    const { calls, failedOnVictim, faults, slowest } = load
    const figures = {
      kills,
      calls,
      "failed on the killed node": failedOnVictim,
      "failed on other nodes": faults.length,
      "slowest call on other nodes, ms": Math.round(slowest)
    }
    return { figures, faults: [...faults, ...(await damageOf(cluster))] }
  }
}
