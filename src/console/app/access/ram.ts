/** Lists of users, roles and policies, read page by page from RAM. */
import type { Refusal } from "../../protocol.ts"
import { callOperation, isRecord } from "../data/api.ts"
import type { Answer, Reply } from "../data/api.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import type { Loaded } from "../data/useLoaded.ts"

type Parameters = Readonly<Record<string, string>>

export interface RamList {
  readonly operation: string
  readonly parameters?: Parameters
  /** Where the items are in the answer. */
  readonly members: readonly [string, string]
}

const pageItems = "1000"
/** Pages that are read, so that a broken marker cannot read for ever. */
const pagesMax = 50

const readList = async (
  region: string,
  { operation, parameters = {}, members }: RamList
): Promise<Answer<ReadonlyArray<Reply>>> => {
  const items: Array<Reply> = []
  let marker = ""
  for (let pages = 0; pages < pagesMax; pages++) {
    const page = marker === "" ? {} : { Marker: marker }
    const answer = await callOperation(region, operation, { ...parameters, ...page }, "ram")
    if (!answer.ok) return answer
    items.push(...listAt(answer.reply, ...members).filter(isRecord))
    marker = textAt(answer.reply, "Marker")
    if (marker === "") break
  }
  return { ok: true, reply: items }
}

export const lists = {
  users: { operation: "ListUsers", parameters: { MaxItems: pageItems }, members: ["Users", "User"] },
  roles: { operation: "ListRoles", parameters: { MaxItems: pageItems }, members: ["Roles", "Role"] },
  policies: { operation: "ListPolicies", parameters: { MaxItems: pageItems }, members: ["Policies", "Policy"] }
} as const satisfies Readonly<Record<string, RamList>>

export const useRamList = (list: RamList): Loaded<ReadonlyArray<Reply>> => {
  const { region } = useConsole()
  return useLoaded(() => readList(region, list), JSON.stringify([region, list]))
}

export const useRam = (operation: string, parameters: Parameters): Loaded<Reply> => {
  const { region } = useConsole()
  return useLoaded(
    () => callOperation(region, operation, parameters, "ram"),
    JSON.stringify([region, operation, parameters])
  )
}

/** A role or a user, to which policies can be attached. */
export interface Holder {
  readonly kind: "User" | "Role"
  readonly name: string
}

export const holderParameters = ({ kind, name }: Holder): Parameters => ({ [`${kind}Name`]: name })

/** Whether a list cannot be shown because its caller may not read it. */
export const isForbidden = (refusal: Refusal | undefined): boolean => refusal?.code === "NoPermission"
