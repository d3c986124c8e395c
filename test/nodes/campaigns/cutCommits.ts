/** Changes whose commit loses its connection, at each point: the answer agrees with the stored state. */
import { kms } from "../../histories/door.ts"
import { cutPoints } from "../../store/postgres/proxy.ts"
import { answer, call, codeOf, damageOf } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

export const cutCommits: Campaign = {
  about: "changes whose commit is cut, at each point of the connection",
  needs: { nodes: 2 },
  count: 100,
  run: async (cluster, count) => {
    const faults: Array<string> = []
    const [first, second = first] = cluster.members
    const KeyId = String(await answer(first, kms("CreateKey"), "KeyMetadata", "KeyId"))
    let isEnabled = true
    let unknown = 0
    const before = first.link.cuts()
    for (const point of cutPoints) {
      for (let at = 0; at < count; at++) {
        first.link.cutAt(point)
        const action = isEnabled ? "DisableKey" : "EnableKey"
        const code = codeOf(await call(first, kms(action, { KeyId })))
        const stored: unknown = await answer(second, kms("DescribeKey", { KeyId }), "KeyMetadata", "KeyState")
        const wanted: string = isEnabled ? "Disabled" : "Enabled"
        if (code === "Success" && stored !== wanted)
          faults.push(`${point}: ${action} was answered, and the key is ${String(stored)}`)
        if (code === "ServiceUnavailableTemporary") unknown++
        else if (code !== "Success") faults.push(`${point}: ${action} was answered ${code}`)
        isEnabled = stored === "Enabled"
      }
    }
    const changes = count * cutPoints.length
    const cuts = first.link.cuts() - before
    if (cuts !== changes) faults.push(`of ${changes} commits ${cuts} were cut`)
    return { figures: { changes, "answered 503": unknown }, faults: [...faults, ...(await damageOf(cluster))] }
  }
}
