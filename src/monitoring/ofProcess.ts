/** The conventional metrics of a process, of Node, and of the build. */
import { readdirSync } from "node:fs"
import { version } from "../domain/version.ts"
import { counter, family, gauge } from "./series.ts"
import type { Sample } from "./series.ts"

/** Undefined where the system does not tell. */
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
    ...counter("process_cpu_seconds_total", "User and system CPU time spent.", (user + system) / 1e6),
    ...gauge("process_start_time_seconds", "When the process started, Unix time.", performance.timeOrigin / 1000),
    ...gauge("process_resident_memory_bytes", "Resident memory.", memory.rss),
    ...(files === undefined ? [] : gauge("process_open_fds", "Open file descriptors.", files)),
    ...gauge("nodejs_heap_size_total_bytes", "Size of the heap of Node.", memory.heapTotal),
    ...gauge("nodejs_heap_size_used_bytes", "Used part of the heap of Node.", memory.heapUsed),
    ...gauge("nodejs_external_memory_bytes", "Memory of Node outside of its heap.", memory.external),
    ...gauge(
      "nodejs_eventloop_utilization",
      "Part of the time since the start in which the event loop was busy, 0 to 1.",
      performance.eventLoopUtilization().utilization
    ),
    ...family("nodejs_version_info", "gauge", "The version of Node.", [[{ version: process.version }, 1]]),
    ...family("keystate_build_info", "gauge", "The version of Keystate.", [[{ version }, 1]])
  ]
}
