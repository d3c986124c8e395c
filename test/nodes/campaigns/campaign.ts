/** The common parts of campaigns: a report, calls, and loads of calls. */
import { memberOf } from "../../histories/door.ts"
import type { Call } from "../../histories/door.ts"
import type { Cluster, ClusterOptions, Member } from "../cluster.ts"
import { formOf, post } from "../signedHttp.ts"
import type { Sent } from "../signedHttp.ts"

export interface Report {
  /** The measured values, by name. */
  readonly figures: Readonly<Record<string, number>>
  /** The faults that were found. */
  readonly faults: ReadonlyArray<string>
}

export interface Campaign {
  readonly about: string
  /** The features of the cluster that the campaign needs. */
  readonly needs: Pick<ClusterOptions, "isVirtual" | "hasStoreClock" | "keysMax"> & { readonly nodes: number }
  /** The default size of one run. */
  readonly count: number
  readonly run: (cluster: Cluster, count: number) => Promise<Report>
}

/** A time limit that no answer reaches on a busy machine. */
const patience = 600_000

export const call = (member: Member, asked: Call, withinMillis = patience): Promise<Sent> =>
  post(member.url(), formOf("root", asked), withinMillis)

export const codeOf = (sent: Sent): string => {
  if (sent.kind === "answered") return sent.code
  return sent.kind === "refused" ? "refused" : `lost: ${sent.why}`
}

/** A member of the answer to a call that must succeed. */
export const answer = async (member: Member, asked: Call, ...path: ReadonlyArray<string>): Promise<unknown> => {
  const sent = await call(member, asked)
  if (sent.kind === "answered" && sent.code === "Success") return memberOf(sent.body, ...path)
  throw new Error(`${asked.action} on ${member.name} must succeed: ${JSON.stringify(sent)}`)
}

/** Runs `work` with each number below `count`, some at the same time. */
export const eachOf = async (
  count: number,
  atOnce: number,
  work: (number: number) => Promise<unknown>
): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

export const memberAt = ({ members }: Cluster, at: number): Member => members[at % members.length] ?? members[0]

/** The number of occurrences of each text. */
export const countOf = (texts: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** The findings of `keystate verify`, and nodes that ended by themselves. */
export const damageOf = async ({ findings, members }: Cluster): Promise<ReadonlyArray<string>> => [
  ...(await findings()).map((finding) => `verify: ${JSON.stringify(finding)}`),
  ...members.filter(({ exits }) => exits() > 0).map(({ log, name }) => `node ${name} ended by itself: ${log()}`)
]
