/** Ratios against a floor measured in the same run: rounds alternate, so that a noisy machine is noisy for both. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

export interface Row {
  readonly name: string
  readonly ratio: number
  /** The minimum of the ratio, or the maximum if `atMost` is set. */
  readonly goal: number
  readonly atMost?: true
  readonly ok: boolean
  readonly detail: string
}

export const row = (name: string, ratio: number, goal: number, detail: string): Row => ({
  name,
  ratio: round(ratio),
  goal,
  ok: ratio >= goal,
  detail
})

export const rowAtMost = (name: string, ratio: number, goal: number, detail: string): Row => ({
  name,
  ratio: round(ratio),
  goal,
  atMost: true,
  ok: ratio <= goal,
  detail
})

const round = (value: number): number => Math.round(value * 1000) / 1000

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Rounds that are not counted: the first ones time the compiler more than the code. */
const warmUps = 3

/** The garbage collector as a function. Node offers it only under a flag. */
const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc")
  const found: unknown = runInNewContext("gc")
  return () => {
    if (typeof found === "function") Reflect.apply(found, undefined, [])
  }
}

/** Runs both in turn and returns the median rate of each, per second. A garbage collection before each run keeps them independent. */
export const alternate = async (
  rounds: number,
  floor: () => Promise<number>,
  ours: () => Promise<number>
): Promise<{ readonly floor: number; readonly ours: number; readonly ratio: number }> => {
  const floors: Array<number> = []
  const measured: Array<number> = []
  const ratios: Array<number> = []
  const collect = collector()
  const inTurn = async (): Promise<readonly [number, number]> => {
    collect()
    const base = await floor()
    collect()
    return [base, await ours()]
  }
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await inTurn()
  for (let round = 0; round < rounds; round++) {
    const [base, own] = await inTurn()
    floors.push(base)
    measured.push(own)
    ratios.push(own / base)
  }
  return { floor: median(floors), ours: median(measured), ratio: median(ratios) }
}

export const perSecond = (count: number, startedAt: bigint): number =>
  count / (Number(process.hrtime.bigint() - startedAt) / 1e9)

/** Per second of processor time, of all threads: it does not depend on free processors. */
export const perCpuSecond = (count: number, before: NodeJS.CpuUsage): number => {
  const { system, user } = process.cpuUsage(before)
  return count / ((system + user) / 1e6)
}

export const rate = (value: number): string => `${Math.round(value).toLocaleString("en")}/s`
