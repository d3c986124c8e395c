/** What a server uses: CPU time and resident size of a process and of all its descendants, from /proc (proc(5)). */
import { readdirSync, readFileSync } from "node:fs"

export interface Usage {
  readonly micros: number
  readonly megabytes: number
}

/** Of `getconf CLK_TCK`, which is 100 on every architecture of Linux that Node runs on. */
const microsOfTick = 10_000

interface Process {
  readonly pid: number
  readonly parent: number
  readonly micros: number
}

/** Undefined if the process has ended. */
const processOf = (pid: number): Process | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name of the program, in parentheses, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { pid, parent: Number(fields[1]), micros: (Number(fields[11]) + Number(fields[12])) * microsOfTick }
  } catch {
    return undefined
  }
}

const megabytesOf = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The process and all its descendants. */
export const treeOf = (root: number): ReadonlyArray<Process> => {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (processOf(Number(name)) ?? []) : []))
  const tree = all.filter(({ pid }) => pid === root)
  // The list grows during the loop, so that descendants of descendants are found.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

export const usageOf = (pid: number): Usage => {
  const tree = treeOf(pid)
  if (tree.length === 0) throw new Error(`there is no process ${pid}`)
  return {
    micros: tree.reduce((sum, { micros }) => sum + micros, 0),
    megabytes: tree.reduce((sum, { pid: each }) => sum + megabytesOf(each), 0)
  }
}
