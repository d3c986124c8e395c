/** Peers of `npm run bench:load`: how they are given, what is counted, and the goals against them. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { goalsOf } from "./loadGoals.ts"
import type { LoadResult } from "./loadPage.ts"
import { peerOf } from "./peers.ts"
import { treeOf, usageOf } from "./usage.ts"

describe.runIf(process.platform === "linux")("a peer of bench:load", () => {
  it("a peer of bench:load is given by name, URL and process id", () => {
    const peer = peerOf(`moto=http://127.0.0.1:5000,${process.pid}`)
    expect({ ...peer, url: peer.url.href }).toEqual({
      name: "moto",
      url: "http://127.0.0.1:5000/",
      pid: process.pid
    })
  })

  it.for(["moto", "moto=http://127.0.0.1:5000", "moto=127.0.0.1:5000,1", "=http://127.0.0.1,1"])(
    "a peer of bench:load is refused with the right form if it is given as %s",
    (given) => expect(() => peerOf(given)).toThrow("NAME=URL,PID")
  )

  it("a peer of bench:load is refused if its process does not exist", () => {
    // Linux gives out no process id above 4,194,304 (proc(5), pid_max).
    expect(() => peerOf("moto=http://127.0.0.1:5000,4194305")).toThrow("there is no process 4194305")
  })

  it("a peer of bench:load is measured with its child processes", async () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" })
    try {
      await once(child, "spawn")
      const pids = treeOf(process.pid).map(({ pid }) => pid)
      expect(pids).toContain(process.pid)
      expect(pids).toContain(child.pid)
      expect(usageOf(process.pid).megabytes).toBeGreaterThan(0)
    } finally {
      child.kill()
    }
  })
})

const loadOf = (server: string, perSecond: number, cpuMicros: number): LoadResult => ({
  operation: server === "fixed text" ? "any request" : "Encrypt 32 B",
  server,
  requests: 1,
  perSecond,
  cpuMicros,
  p50: 1,
  p99: 1,
  residentMegabytes: 1
})

describe("the goals of bench:load", () => {
  it("the goals of bench:load are medians of the ratios of each round", () => {
    const own = [loadOf("Keystate", 100, 80), loadOf("Keystate", 100, 90), loadOf("Keystate", 100, 500)]
    const theirs = [loadOf("local-kms", 200, 100), loadOf("local-kms", 50, 100), loadOf("local-kms", 100, 100)]
    expect(goalsOf([own, theirs], ["local-kms"])).toEqual([
      { name: "CPU time of a signed Encrypt / of an unsigned one by local-kms", ratio: 0.9, goal: 1, atMost: true },
      { name: "signed Encrypt in a second / unsigned by local-kms", ratio: 1, goal: 1 }
    ])
  })

  it("the goals of bench:load compare what is added to the server with the fixed text", () => {
    const all = [loadOf("Keystate", 1, 70), loadOf("bare", 1, 50), loadOf("fixed text", 1, 10)].map((load) => [load])
    expect(goalsOf(all, []).map(({ ratio }) => ratio)).toEqual([1.5])
  })

  it("the goals of bench:load leave out peers that were not measured", () => {
    expect(goalsOf([[loadOf("Keystate", 1, 1)]], ["moto"])).toEqual([])
  })
})
