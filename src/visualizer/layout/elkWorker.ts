/** The worker thread that computes layouts: receives graphs, and sends one answer. */
import { parentPort, workerData } from "node:worker_threads"
import type { ElkNode } from "elkjs"

export type WorkerAnswer =
  /** Null for a graph on which the engine failed. */
  { readonly _tag: "LaidOut"; readonly graphs: ReadonlyArray<ElkNode | null> } | { readonly _tag: "NoEngine" }

const answer = async (graphs: ReadonlyArray<ElkNode>): Promise<WorkerAnswer> => {
  const loaded = await import("elkjs").catch(() => undefined)
  if (loaded === undefined) return { _tag: "NoEngine" }
  const engine = new loaded.default.default()
  return { _tag: "LaidOut", graphs: await Promise.all(graphs.map((graph) => engine.layout(graph).catch(() => null))) }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origins
parentPort?.postMessage(await answer(workerData))
