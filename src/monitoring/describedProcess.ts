/** The conventional metrics of a process and of Node, in the form of the table of metrics. */
import type { Description } from "./description.ts"

export const describedProcess = {
  process_cpu_seconds_total: {
    type: "counter",
    labels: [],
    unit: "seconds",
    about: "User and system CPU time spent."
  },
  process_start_time_seconds: {
    type: "gauge",
    across: "lowest",
    labels: [],
    unit: "seconds",
    about: "When the process started, Unix time."
  },
  process_resident_memory_bytes: { type: "gauge", across: "sum", labels: [], unit: "bytes", about: "Resident memory." },
  process_open_fds: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "files",
    about: "Open file descriptors.",
    shown: "where the system has `/proc`"
  },
  nodejs_heap_size_total_bytes: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "bytes",
    about: "Size of the heap of Node."
  },
  nodejs_heap_size_used_bytes: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "bytes",
    about: "Used part of the heap of Node."
  },
  nodejs_external_memory_bytes: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "bytes",
    about: "Memory of Node outside of its heap."
  },
  nodejs_eventloop_utilization: {
    type: "gauge",
    across: "highest",
    labels: [],
    unit: "0 to 1",
    about: "Part of the time since the start in which the event loop was busy, 0 to 1."
  },
  nodejs_version_info: {
    type: "gauge",
    across: "own",
    labels: ["version"],
    unit: "always 1",
    about: "The version of Node."
  }
} as const satisfies Record<string, Description>
