/** Kills a program at one of its system calls with strace, and selects the calls. */
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { fromDebian } from "../../src/development/debian.ts"
import { isWhole, spreadOf } from "../sample.ts"

const hasStrace = (): string | undefined => {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" })
    return "strace"
  } catch {
    return undefined
  }
}

/** strace, installed first if permitted; otherwise a sentence with instructions. */
const strace = (): string => fromDebian({ name: "strace", packages: ["strace"], look: hasStrace })

/** Calls that change a file, its name, or its durability. */
const changing = [
  "mkdir",
  "mkdirat",
  "rmdir",
  "link",
  "linkat",
  "unlink",
  "unlinkat",
  "rename",
  "renameat",
  "renameat2",
  "chmod",
  "fchmod",
  "fchmodat",
  "ftruncate",
  "fallocate",
  "fsync",
  "fdatasync",
  "write",
  "pwrite64",
  "openat",
  "open",
  "close"
] as const

/** The number of the call of this name, in its thread. */
export interface SystemCall {
  readonly name: string
  readonly nth: number
}

/** strace refuses unknown names of other processors; `?` makes it ignore them. */
const traced = `trace=${changing.map((name) => `?${name}`).join(",")}`

/** The calls of a program on files of a directory, or on the directory itself. */
export const callsOn = (directory: string, program: ReadonlyArray<string>): ReadonlyArray<SystemCall> => {
  const log = `${directory}.strace`
  const run = spawnSync(strace(), ["-f", "-y", "-s", "0", "-o", log, "-e", traced, process.execPath, ...program])
  if (run.status !== 0) throw new Error(`the program fails by itself: ${run.stderr.toString()}`)
  const counts = new Map<string, number>()
  const found = new Map<string, SystemCall>()
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [, thread, name = ""] = /^(\d+) +([a-z0-9]+)\(/.exec(line) ?? []
    if (thread === undefined) continue
    const nth = (counts.get(`${thread} ${name}`) ?? 0) + 1
    counts.set(`${thread} ${name}`, nth)
    if (line.includes(directory)) found.set(`${name} ${nth}`, { name, nth })
  }
  rmSync(log)
  return [...found.values()]
}

/** Runs the program and kills it before the call. Returns whether it was killed. */
export const killedAt = ({ name, nth }: SystemCall, program: ReadonlyArray<string>): boolean => {
  const inject = `inject=${name}:signal=KILL:when=${nth}`
  const run = spawnSync(strace(), ["-f", "-o", "/dev/null", "-e", inject, process.execPath, ...program])
  return run.signal === "SIGKILL" || run.status === 137
}

/** Calls that change nothing by themselves. */
const harmless: ReadonlySet<string> = new Set(["open", "openat", "close"])

/** Calls that change something: kills at these find most faults. */
export const effective = (calls: ReadonlyArray<SystemCall>): ReadonlyArray<SystemCall> =>
  isWhole ? calls : calls.filter(({ name }) => !harmless.has(name))

/** So many of each kind of call. */
export const sampled = (calls: ReadonlyArray<SystemCall>, ofEach: number): ReadonlyArray<SystemCall> =>
  [...Map.groupBy(calls, ({ name }) => name).values()].flatMap((alike) => spreadOf(alike, ofEach))
