/** The conventional metrics of a process, of Node, and of the build. */
import { readdirSync } from "node:fs"
import { version } from "../domain/version.ts"
import { family, single } from "./series.ts"
import type { Sample } from "./series.ts"

/** Undefined if the system does not provide the value. */
const openFiles = (): number | undefined => {
  try {
    return readdirSync("/proc/self/fd").length
  } catch {
    return undefined
  }
}

export const samplesOfProcess = (): ReadonlyArray<Sample> => {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  const files = openFiles()
  return [
    ...single("process_cpu_seconds_total", (user + system) / 1e6),
    ...single("process_start_time_seconds", performance.timeOrigin / 1000),
    ...single("process_resident_memory_bytes", memory.rss),
    ...(files === undefined ? [] : single("process_open_fds", files)),
    ...single("nodejs_heap_size_total_bytes", memory.heapTotal),
    ...single("nodejs_heap_size_used_bytes", memory.heapUsed),
    ...single("nodejs_external_memory_bytes", memory.external),
    ...single("nodejs_eventloop_utilization", performance.eventLoopUtilization().utilization),
    ...family("nodejs_version_info", [[{ version: process.version }, 1]]),
    ...family("keystate_build_info", [[{ version }, 1]])
  ]
}
