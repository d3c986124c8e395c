/** A sample of the disks that a power loss may leave, and controls without syncs, which must lose something. */
import { beforeAll, describe, expect, it } from "vitest"
import { seed, spreadOf } from "../sample.ts"
import { imageOf, makeDisk } from "./disk.ts"
import type { Fate } from "./disk.ts"
import type { Control } from "./images.ts"
import { faultsOf, lossesIn, record } from "./powerLoss.ts"
import type { Recording } from "./powerLoss.ts"

describe("a service whose machine loses its power", () => {
  let recording: Recording
  beforeAll(async () => {
    recording = await record(1, false)
  })

  const faultsOfSample = async (count: number): Promise<ReadonlyArray<string>> => {
    const found: Array<string> = []
    const losses = [...lossesIn(recording, { seed, draws: 1, control: "none" })]
    for (const loss of spreadOf(losses, count)) found.push(...(await faultsOf(recording, loss)))
    return found
  }

  /** The recorded calls differ from run to run: few losses may all be harmless. Stops at the first loss with a fault. */
  const firstFaults = async (control: Control): Promise<ReadonlyArray<string>> => {
    const losses = [...lossesIn(recording, { seed, draws: 1, control })]
    const spread = spreadOf(losses, 10)
    for (const loss of [...spread, ...losses.filter((one) => !spread.includes(one))]) {
      const found = await faultsOf(recording, loss)
      if (found.length > 0) return found
    }
    return []
  }

  it("a service that loses its power starts, keeps all acknowledged changes, and is sound", async () => {
    expect(await faultsOfSample(20)).toEqual([])
  })

  it("a service whose syncs do nothing loses acknowledged changes after a power loss", async () => {
    expect(await firstFaults("noSyncs")).not.toEqual([])
    expect(await firstFaults("noLogSyncs")).not.toEqual([])
  })
})

describe("the disk after a power loss", () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text)
  const nothing: Fate = { entries: () => 0, edit: () => [] }

  it("the simulated disk keeps what was synced, and no name whose directory was not synced", () => {
    const disk = makeDisk("/root")
    const fileEvents = [
      { kind: "open", file: 3, path: "/root/file", cuts: false },
      { kind: "write", file: 3, at: 0, bytes: bytes("one") },
      { kind: "sync", file: 3, sync: "1" },
      { kind: "write", file: 3, at: 3, bytes: bytes("two") },
      { kind: "synced", sync: "1" }
    ] as const
    for (const fileEvent of fileEvents) disk.happen(fileEvent)
    expect([...imageOf(disk, nothing)]).toEqual([])
    disk.happen({ kind: "open", file: 4, path: "/root", cuts: false })
    disk.happen({ kind: "sync", file: 4, sync: "2" })
    disk.happen({ kind: "synced", sync: "2" })
    expect([...imageOf(disk, nothing)]).toEqual([["file", Buffer.from("one")]])
    const everything: Fate = { entries: (unsynced) => unsynced, edit: (edit) => [edit] }
    expect([...imageOf(disk, everything)]).toEqual([["file", Buffer.from("onetwo")]])
  })

  it("the simulated disk has zeros where a write is lost and a later one is kept", () => {
    const disk = makeDisk("/root")
    disk.happen({ kind: "open", file: 3, path: "/root/file", cuts: false })
    disk.happen({ kind: "write", file: 3, at: 0, bytes: bytes("lost") })
    disk.happen({ kind: "write", file: 3, at: 4, bytes: bytes("kept") })
    const later: Fate = {
      entries: (unsynced) => unsynced,
      edit: (edit) => (edit.kind === "write" && edit.at === 4 ? [edit] : [])
    }
    expect([...imageOf(disk, later)]).toEqual([["file", Buffer.from("\0\0\0\0kept")]])
  })
})
