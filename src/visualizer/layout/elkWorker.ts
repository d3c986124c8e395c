/** The thread a layout is computed in: one graph in, one answer out. */
import { parentPort, workerData } from "node:worker_threads"
import type { ElkNode } from "elkjs"

export type WorkerAnswer =
  | { readonly _tag: "LaidOut"; readonly graph: ElkNode }
  | { readonly _tag: "NoEngine" }
  | { readonly _tag: "Failed" }

const answer = async (graph: ElkNode): Promise<WorkerAnswer> => {
  const loaded = await import("elkjs").catch(() => undefined)
  if (loaded === undefined) return { _tag: "NoEngine" }
  try {
    return { _tag: "LaidOut", graph: await new loaded.default.default().layout(graph) }
  } catch {
    return { _tag: "Failed" }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origins
parentPort?.postMessage(await answer(workerData))
