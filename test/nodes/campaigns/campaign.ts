/** What campaigns have in common: a report, calls, and loads of calls. */
import { memberOf } from "../../histories/door.ts"
import type { Call } from "../../histories/door.ts"
import type { Cluster, ClusterOptions, Member } from "../cluster.ts"
import { formOf, post } from "../signedHttp.ts"
import type { Sent } from "../signedHttp.ts"

export interface Report {
  /** What was measured, by its name. */
  readonly figures: Readonly<Record<string, number>>
  /** What must not be. */
  readonly faults: ReadonlyArray<string>
}

export interface Campaign {
  readonly about: string
  /** What it needs of its cluster. */
  readonly needs: Pick<ClusterOptions, "isVirtual" | "hasStoreClock"> & { readonly nodes: number }
  /** How much of it there is in one run, if nothing else is said. */
  readonly count: number
  readonly run: (cluster: Cluster, count: number) => Promise<Report>
}

/** Longer than any answer takes on a busy machine. */
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

/** Does work with each of the numbers below `count`, some at the same time. */
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

/** How often each text occurs. */
export const countOf = (texts: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return Object.fromEntries(counts)
}

/** What `keystate verify` finds, and nodes that ended by themselves. */
export const damageOf = async ({ findings, members }: Cluster): Promise<ReadonlyArray<string>> => [
  ...(await findings()).map((finding) => `verify: ${JSON.stringify(finding)}`),
  ...members.filter(({ exits }) => exits() > 0).map(({ log, name }) => `node ${name} ended by itself: ${log()}`)
]
