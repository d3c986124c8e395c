/** A full disk: changes are refused with the cause, uses work, and everything works when there is room again. */
import { execFile } from "node:child_process"
import { Effect, ManagedRuntime } from "effect"
import { describe, expect, it } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { Kms, isKmsError, optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { Audit, auditWaitingMax } from "../../src/audit/audit.ts"
import { readiness } from "../../src/monitoring/health.ts"
import { Store } from "../../src/store/store.ts"
import { interposedDisk, mountedDisk } from "./readOnlyDisk.ts"
import { limitedProcess, smallDisk } from "./room.ts"
import type { Room } from "./room.ts"
import { commandFile } from "../programs.ts"

const Plaintext = "aGVsbG8="

const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return "success"
  } catch (error) {
    return isKmsError(error) ? `${error.httpStatus} ${error.code} ${error.hint}` : String(error)
  }
}

const isRefused = async ({ cause }: Room, call: Promise<unknown>): Promise<void> => {
  const refusal = await refusalOf(call)
  expect(refusal).toMatch(/^503 ServiceUnavailableTemporary /)
  expect(refusal).toMatch(cause)
}

/** Every kind of change, each on its own key. */
const changes = async (kms: PromiseKms): Promise<ReadonlyArray<() => Promise<unknown>>> => {
  const { KeyId } = (await kms.createKey()).KeyMetadata
  return [
    () => kms.createKey({}),
    () => kms.disableKey({ KeyId }),
    () => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
    () => kms.createAlias({ KeyId, AliasName: "alias/full" }),
    () => kms.tagResource({ KeyId, Tags: JSON.stringify([{ TagKey: "a", TagValue: "b" }]) }),
    () => kms.updateKeyDescription({ KeyId, Description: "full" })
  ]
}

const isSound = async (directory: string): Promise<void> => {
  const { findings } = await Effect.runPromise(
    verifyStore().pipe(Effect.provide(engineLayer(optionsOf({ directory }, {}))))
  )
  expect(findings).toEqual([])
}

const rooms: ReadonlyArray<readonly [string, () => Room | undefined]> = [
  ["a full disk", smallDisk],
  ["a limit on the size of files", limitedProcess]
]
const placed = rooms.flatMap(([name, make]) => {
  const room = make()
  return room === undefined ? [] : [[name, room] as const]
})

describe.each(placed)("a service with %s", (_name, room) => {
  it("a service without disk space refuses changes, performs uses, and accepts changes again with space", async () => {
    const { directory } = room
    try {
      const kms = await createKms({ store: { directory } })
      const { KeyId } = (await kms.createKey()).KeyMetadata
      const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
      const all = await changes(kms)
      for (let round = 0; round < 2; round++) {
        room.fill()
        for (const change of all) await isRefused(room, change())
        expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
        expect((await kms.encrypt({ KeyId, Plaintext })).KeyId).toBe(KeyId)
        expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("Enabled")
        room.free()
        expect((await kms.createKey()).KeyMetadata.KeyState).toBe("Enabled")
      }
      for (const change of all.slice(0, 3)) await change()
      await kms.close()
      await isSound(directory)
    } finally {
      room.free()
      room.remove()
    }
  })
})

const inRoom = async (work: (room: Room) => Promise<void>): Promise<void> => {
  const room = smallDisk() ?? limitedProcess()
  try {
    await work(room)
  } finally {
    room.free()
    room.remove()
  }
}

describe("a full disk", () => {
  it("a service stops and starts on a full disk, and then performs uses", () =>
    inRoom(async (room) => {
      const store = { directory: room.directory }
      const kms = await createKms({ store })
      const { KeyId } = (await kms.createKey()).KeyMetadata
      const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
      room.fill()
      await kms.decrypt({ CiphertextBlob })
      await kms.close()
      const next = await createKms({ store })
      expect((await next.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
      room.free()
      await next.disableKey({ KeyId })
      await next.close()
      await isSound(room.directory)
    }))

  it("a service keeps records of uses in memory, in order, while the disk is full", () =>
    inRoom(async (room) => {
      const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory: room.directory }, {})))
      const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
      const { KeyId } = (await runtime.runPromise(kms.createKey())).KeyMetadata
      const audit = await runtime.runPromise(Effect.flatMap(Audit, Effect.succeed))
      await runtime.runPromise(audit.flush)
      room.fill()
      const ids: Array<string> = []
      for (let use = 0; use < 20; use++) {
        const { RequestId } = await runtime.runPromise(kms.encrypt({ KeyId, Plaintext }))
        ids.push(RequestId)
        if (use % 5 === 0) await runtime.runPromise(Effect.exit(audit.flush))
      }
      expect(audit.waiting()).toBe(20)
      const disk = () =>
        runtime.runPromise(Effect.map(readiness([]), ({ ready, checks }) => [ready, checks[1]?.detail]))
      expect(await disk()).toEqual([true, expect.stringMatching(/^accepts no changes\. .*full/)])
      room.free()
      await runtime.runPromise(audit.flush)
      expect(audit.waiting()).toBe(0)
      expect(await disk()).toEqual([true, "takes changes"])
      const segments = await runtime.runPromise(
        Effect.flatMap(Store, (store) => store.auditSegments({ afterSeq: 0, limit: 100 }))
      )
      const lines = segments.flatMap((segment) => segment.lines)
      const places = ids.map((id) => lines.findIndex((line) => line.includes(id)))
      expect(places).toEqual(places.map((_, i) => lines.length - ids.length + i))
      await runtime.dispose()
      await isSound(room.directory)
    }))

  it("a service on a full disk refuses every call when no more audit records can wait", () =>
    inRoom(async (room) => {
      const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory: room.directory }, {})))
      const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
      const { KeyId } = (await runtime.runPromise(kms.createKey())).KeyMetadata
      const audit = await runtime.runPromise(Effect.flatMap(Audit, Effect.succeed))
      room.fill()
      const record = { at: 0, requestId: "r", principal: "p", operation: "Encrypt", keyId: KeyId, outcome: "Success" }
      for (let i = 0; i < auditWaitingMax; i++) audit.record({ ...record, before: null, after: null })
      const refusal = await refusalOf(runtime.runPromise(kms.encrypt({ KeyId, Plaintext })))
      expect(refusal).toMatch(/^503 ServiceUnavailableTemporary .*audit records wait for disk space/)
      room.free()
      await runtime.runPromise(audit.flush)
      expect(await refusalOf(runtime.runPromise(kms.encrypt({ KeyId, Plaintext })))).toBe("success")
      await runtime.dispose()
    }))

  it("a service with a strict audit refuses uses while a full disk prevents their records", () =>
    inRoom(async (room) => {
      const kms = await createKms({ store: { directory: room.directory }, audit: "strict" })
      const { KeyId } = (await kms.createKey()).KeyMetadata
      room.fill()
      await isRefused(room, kms.encrypt({ KeyId, Plaintext }))
      room.free()
      expect((await kms.encrypt({ KeyId, Plaintext })).KeyId).toBe(KeyId)
      await kms.close()
    }))
})

const command = await commandFile()
const said = (
  env: NodeJS.ProcessEnv,
  args: ReadonlyArray<string>
): Promise<{ readonly exit: number; readonly err: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], { env }, (_error, _out, err) =>
      resolve({ exit: child.exitCode ?? -1, err })
    )
  })

const readOnlyDisks = [
  ["that is mounted", mountedDisk()],
  ["that a library imitates", interposedDisk()]
] as const

describe.each(readOnlyDisks.flatMap(([name, disk]) => (disk === undefined ? [] : [[name, disk] as const])))(
  "a read-only file system %s",
  (_name, disk) => {
    it("verify and audit read a read-only file system, and commands that change the store refuse", async () => {
      try {
        await (await createKms({ store: { directory: disk.directory } })).close()
        const env = disk.protect()
        const run = (...words: ReadonlyArray<string>) => said(env, [...words, "--data", disk.directory])
        expect(await run("verify")).toMatchObject({ exit: 0 })
        expect(await run("audit", "--verify")).toMatchObject({ exit: 0 })
        for (const words of [
          ["kms", "CreateKey"],
          ["serve", "--port", "0"]
        ]) {
          const refused = await run(...words)
          expect(refused).toMatchObject({ exit: 1 })
          expect(refused.err).toContain("It is on a read-only file system.")
        }
      } finally {
        disk.remove()
      }
    })
  }
)
