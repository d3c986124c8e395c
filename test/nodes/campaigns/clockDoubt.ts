/** The database's clock jumps: all nodes are in doubt, one decision binds all, and a restart keeps the decision. */
import { kms, memberOf } from "../../histories/door.ts"
import type { Call } from "../../histories/door.ts"
import type { Cluster, Member } from "../cluster.ts"
import { formOf, post } from "../signedHttp.ts"
import { codeOf, damageOf, memberAt } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** The jumps of the clock, from its position. */
const jumps = [5 * 60 * minute, 400 * day, -30 * minute, -3 * day, 20 * minute, 2 * day] as const
const words = ["ConfirmClock", "RejectClock"] as const

const patienceMillis = 600_000

/** A request with a timestamp of the database's clock. */
const ask = async (member: Member, asked: Call, offMillis: number): Promise<unknown> => {
  const sent = await post(member.url(), formOf("root", asked, Date.now() + offMillis), patienceMillis)
  if (sent.kind === "answered" && sent.code === "Success") return sent.body
  throw new Error(`${asked.action} on ${member.name} must succeed: ${codeOf(sent)}`)
}

const show = (member: Member, off: number): Promise<unknown> => ask(member, kms("ShowClock"), off)

const isInDoubt = (shown: unknown): boolean => memberOf(shown, "Doubt") !== undefined

const showAll = ({ members }: Cluster, off: number) => Promise.all(members.map((member) => show(member, off)))

/** The seconds of instants that were read shortly after each other. */
const isNear = (one: unknown, other: unknown): boolean =>
  Math.abs(Date.parse(String(one)) - Date.parse(String(other))) < 10 * minute

const judge = (what: string, shown: ReadonlyArray<unknown>, expected: boolean): ReadonlyArray<string> => {
  const faults = shown.some((one) => isInDoubt(one) !== expected) ? [`${what}: ${JSON.stringify(shown)}`] : []
  const [first, ...others] = shown.map((one) => memberOf(one, "Now"))
  return others.every((now) => isNear(first, now))
    ? faults
    : [...faults, `${what}: times differ: ${JSON.stringify(shown)}`]
}

const restartAll = async ({ members, ready }: Cluster): Promise<void> => {
  await Promise.all(members.map(({ kill }) => kill()))
  await Promise.all(members.map(({ start }) => start()))
  await ready()
}

/** One jump from the current clock. Returns the faults. */
const playJump = async (cluster: Cluster, round: number, before: number): Promise<ReadonlyArray<string>> => {
  const off = before + (jumps[round % jumps.length] ?? 0)
  const word = words[round % words.length] ?? "ConfirmClock"
  const name = `jump to ${off} ms, ${word}`
  cluster.setStoreClock(off)
  const faults = [...judge(`${name}, in doubt`, await showAll(cluster, off), true)]
  if (round % 3 === 0) await restartAll(cluster)
  faults.push(...judge(`${name}, before the decision`, await showAll(cluster, off), true))
  await ask(memberAt(cluster, round), kms(word), off)
  faults.push(...judge(`${name}, after the decision`, await showAll(cluster, off), false))
  if (round % 3 === 1) await restartAll(cluster)
  faults.push(...judge(`${name}, later`, await showAll(cluster, off), false))
  // A rejected clock is set right; after a jump back both commands follow the clock.
  cluster.setStoreClock(before)
  await showAll(cluster, before)
  await ask(memberAt(cluster, round + 1), kms("ConfirmClock"), before)
  return [...faults, ...judge(`${name}, set right`, await showAll(cluster, before), false)]
}

export const clockDoubt: Campaign = {
  about: "jumps of the database's clock: all nodes share the doubt, and a decision on one binds all",
  needs: { nodes: 3, hasStoreClock: true },
  count: 12,
  run: async (cluster, count) => {
    const faults: Array<string> = []
    for (let round = 0; round < count; round++) faults.push(...(await playJump(cluster, round, 0)))
    return { figures: { jumps: count, wrong: faults.length }, faults: [...faults, ...(await damageOf(cluster))] }
  }
}
