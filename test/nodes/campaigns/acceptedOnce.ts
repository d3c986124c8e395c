/** Signed requests, each sent to two nodes at the same time: one of them accepts it, and none does after a crash. */
import { sts } from "../../histories/door.ts"
import { formOf, post } from "../signedHttp.ts"
import { codeOf, countOf, damageOf, eachOf, memberAt } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

const patience = 600_000
const atOnce = 32

const expected = new Set(["SignatureNonceUsed", "Success"])

/** Refusals of a request that was accepted before the database crashed. */
const refusals = new Set(["SignatureNonceUsed", "InvalidTimeStamp.Expired"])

export const acceptedOnce: Campaign = {
  about: "requests, each sent to two nodes at once and again after an immediate restart of PostgreSQL",
  needs: { nodes: 2 },
  count: 20_000,
  run: async (cluster, count) => {
    const faults: Array<string> = []
    const forms: Array<string> = []
    let unavailable = 0
    const send = (form: string, at: number) => post(memberAt(cluster, at).url(), form, patience)
    await eachOf(count, atOnce, async (number) => {
      const form = formOf("root", sts("GetCallerIdentity"))
      const codes = (await Promise.all([send(form, number), send(form, number + 1)])).map(codeOf)
      forms.push(form)
      const accepted = codes.filter((code) => code === "Success").length
      const isCertain = codes.every((code) => expected.has(code))
      if (!isCertain) unavailable++
      if (accepted > 1 || (isCertain && accepted === 0)) faults.push(`a request was answered ${codes.join(" and ")}`)
      if (codes.some((code) => !expected.has(code) && code !== "ServiceUnavailableTemporary")) {
        faults.push(`a request was answered ${codes.join(" and ")}`)
      }
    })
    await cluster.server.crash()
    await cluster.ready()
    const later: Array<string> = []
    await eachOf(count, atOnce, async (number) => {
      let code = codeOf(await send(forms[number] ?? "", number))
      // Only a request reveals a connection that the crash broke.
      while (code === "ServiceUnavailableTemporary") code = codeOf(await send(forms[number] ?? "", number))
      later.push(code)
    })
    for (const code of later) if (!refusals.has(code)) faults.push(`after the crash a request was answered ${code}`)
    const figures = { requests: count, unavailable, "sent again after the crash": later.length, ...countOf(later) }
    return { figures, faults: [...faults, ...(await damageOf(cluster))] }
  }
}
