/** The machine's clock jumps: lifecycle time stays right, and irreversible events wait for a person. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { formatInstant, parseInstant } from "../../src/domain/time.ts"
import { createKms } from "../../src/promise.ts"
import { Store } from "../../src/store/store.ts"
import { wrapFor } from "../operation/wrapping.ts"
import { sqliteIn } from "../store/places.ts"
import { day, hour, machineAt, minute, serviceOn, year } from "./machine.ts"
import type { Machine, Service } from "./machine.ts"

const start = Date.UTC(2026, 5, 1)
const Plaintext = "aGVsbG8gd29ybGQ="

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keystate-doubt-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const files = ["keystate.db", "keystate.db-wal", "root.key"]

/** The data directory as a kill at this moment leaves it, without the writes of a clean stop. */
const killedCopy = (directory: string): string => {
  const copy = mkdtempSync(join(root, "killed-"))
  mkdirSync(copy, { recursive: true })
  for (const file of files) {
    if (existsSync(join(directory, file))) copyFileSync(join(directory, file), join(copy, file))
  }
  return copy
}

/** Three keys: one to be deleted in 7 days, one whose material expires in 90 days, one that rotates every 7 days. */
const populate = async ({ kms, run }: Service, machine: Machine) => {
  const leaving = (await run(kms.createKey())).KeyMetadata.KeyId
  await run(kms.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 }))
  const rotating = (await run(kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" }))).KeyMetadata
  const KeyId = (await run(kms.createKey({ Origin: "EXTERNAL" }))).KeyMetadata.KeyId
  const { ImportToken, PublicKey } = await run(
    kms.getParametersForImport({ KeyId, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" })
  )
  const imported = {
    KeyId,
    ImportToken,
    EncryptedKeyMaterial: wrapFor(PublicKey, new Uint8Array(32).fill(7)),
    KeyMaterialExpireUnix: Math.round((machine.wall() + 90 * day) / 1000)
  }
  await run(kms.importKeyMaterial(imported))
  return { leaving, rotating, expiring: KeyId, imported }
}

const stateOf = ({ kms, run }: Service, KeyId: string): Promise<string> =>
  run(
    kms.describeKey({ KeyId }).pipe(
      Effect.map(({ KeyMetadata }) => KeyMetadata.KeyState),
      Effect.catch(({ code }) => Effect.succeed(code))
    )
  )

/** The date of a deletion in 7 days, and its window in milliseconds. */
const windowGiven = async ({ kms, run }: Service): Promise<number> => {
  const { KeyId } = (await run(kms.createKey())).KeyMetadata
  await run(kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
  const { DeleteDate } = (await run(kms.describeKey({ KeyId }))).KeyMetadata
  return parseInstant(DeleteDate ?? "") ?? 0
}

const expectNear = (given: number, expected: number): void => {
  expect(Math.abs(given - expected)).toBeLessThanOrEqual(1000)
}

type Restart = "none" | "clean" | "kill"
const restart = async (service: Service, machine: Machine, directory: string, how: Restart) => {
  if (how === "none") return { service, directory }
  const next = how === "kill" ? killedCopy(directory) : directory
  await service.close()
  return { service: await serviceOn(machine, next), directory: next }
}

describe("a clock that is ahead for a minute and then right again", () => {
  const jumps = { "half an hour": hour / 2, "a year": year, "30 years": 30 * year }
  for (const [name, ahead] of Object.entries(jumps)) {
    for (const before of ["none", "clean", "kill"] as const) {
      for (const after of ["none", "clean", "kill"] as const) {
        it(`a clock ahead by ${name} for a minute, with restarts ${before} and ${after}, deletes nothing`, async () => {
          const machine = machineAt(start)
          let directory = join(root, "data")
          let service = await serviceOn(machine, directory)
          const { leaving, expiring, rotating } = await populate(service, machine)
          machine.set(ahead)
          ;({ service, directory } = await restart(service, machine, directory, before))
          await service.settle()
          expectNear(await windowGiven(service), start + 7 * day)
          machine.pass(minute)
          await service.settle()
          expect(await service.run(service.kms.showClock())).toMatchObject({
            Follows: "ElapsedTime",
            Now: formatInstant(start + minute),
            Doubt: { Direction: "Forward", DeletionsWaiting: 0, ExpiriesWaiting: 0 }
          })
          machine.set(-ahead)
          ;({ service, directory } = await restart(service, machine, directory, after))
          await service.settle()
          expectNear(await windowGiven(service), start + minute + 7 * day)
          const rejected = await service.run(service.kms.rejectClock())
          expect(rejected).not.toHaveProperty("Doubt")
          expect(rejected).toMatchObject({ Follows: "MachineClock", Now: formatInstant(start + minute) })
          expectNear(await windowGiven(service), start + minute + 7 * day)
          expect(await stateOf(service, leaving)).toBe("PendingDeletion")
          expect(await stateOf(service, expiring)).toBe("Enabled")
          expect((await service.run(service.kms.listKeyVersions({ KeyId: rotating.KeyId }))).TotalCount).toBe(1)
          await service.close()
        })
      }
    }
  }
})

describe("a clock in doubt", () => {
  it("deletion and expiry wait while the clock is in doubt, and rotation does not", async () => {
    const machine = machineAt(start)
    const service = await serviceOn(machine, join(root, "data"))
    const { kms, run, store } = service
    const { leaving, expiring, rotating, imported } = await populate(service, machine)
    machine.set(2 * year)
    await service.settle()
    for (let at = 0; at < 100; at++) {
      machine.pass(day)
      await service.settle()
    }
    expect(await stateOf(service, leaving)).toBe("PendingDeletion")
    expect(await stateOf(service, expiring)).toBe("Enabled")
    const use = await run(Effect.flip(kms.encrypt({ KeyId: expiring, Plaintext })))
    expect(use).toMatchObject({ code: "Rejected.PendingImport" })
    expect((await run(kms.listKeyVersions({ KeyId: rotating.KeyId, PageSize: 100 }))).TotalCount).toBe(15)
    expect(await run(kms.showClock())).toMatchObject({ Doubt: { DeletionsWaiting: 1, ExpiriesWaiting: 1 } })
    const again = { ...imported, KeyMaterialExpireUnix: 0 }
    expect(await run(Effect.flip(kms.importKeyMaterial(again)))).toMatchObject({ code: "ExpiredImportToken" })
    // New parameters destroy the wrapping keys of expired tokens, once the clock is trusted.
    const wrapping = { KeyId: expiring, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const
    await run(kms.getParametersForImport(wrapping))
    expect(await run(store.importSessions)).toHaveLength(2)
    machine.set(-2 * year)
    await run(kms.rejectClock())
    await run(kms.getParametersForImport(wrapping))
    expect(await run(store.importSessions)).toHaveLength(2)
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    expect(await stateOf(service, expiring)).toBe("PendingImport")
    await service.close()
  })

  it("a deletion can be cancelled while the clock is in doubt, and a later confirmation deletes nothing", async () => {
    const machine = machineAt(start)
    const service = await serviceOn(machine, join(root, "data"))
    const { leaving, expiring, rotating } = await populate(service, machine)
    machine.set(20 * day)
    await service.settle()
    await service.run(service.kms.cancelKeyDeletion({ KeyId: leaving }))
    const confirmed = await service.run(service.kms.confirmClock())
    expect(confirmed).toMatchObject({ Follows: "MachineClock", Now: formatInstant(start + 20 * day) })
    expect(confirmed).not.toHaveProperty("Doubt")
    expect([await stateOf(service, leaving), await stateOf(service, expiring)]).toEqual(["Enabled", "Enabled"])
    expect((await service.run(service.kms.listKeyVersions({ KeyId: rotating.KeyId }))).TotalCount).toBe(2)
    await service.close()
  })

  it("a confirmation of the clock fires every deadline up to the confirmed time", async () => {
    const machine = machineAt(start)
    const service = await serviceOn(machine, join(root, "data"))
    const { leaving, expiring } = await populate(service, machine)
    machine.set(400 * day)
    await service.settle()
    await service.run(service.kms.confirmClock())
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    expect(await stateOf(service, expiring)).toBe("PendingImport")
    await service.close()
  })

  it("a rejected clock is ignored until right, and deadlines fire by elapsed time", async () => {
    const machine = machineAt(start)
    const service = await serviceOn(machine, join(root, "data"))
    const { leaving, expiring } = await populate(service, machine)
    machine.set(10 * year)
    await service.settle()
    const rejected = await service.run(service.kms.rejectClock())
    expect(rejected).toMatchObject({ Follows: "ElapsedTime", Now: formatInstant(start) })
    expect(rejected).not.toHaveProperty("Doubt")
    for (let at = 0; at < 8; at++) {
      machine.pass(day)
      await service.settle()
    }
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    expect(await stateOf(service, expiring)).toBe("Enabled")
    machine.set(-10 * year)
    machine.pass(1000)
    expect(await service.run(service.kms.showClock())).toMatchObject({
      Follows: "MachineClock",
      Now: formatInstant(start + 8 * day + 1000)
    })
    await service.close()
  })
})

describe("a clock that is set back", () => {
  for (const back of [hour, 2 * day, 30 * year]) {
    it(`a clock set back by ${back} ms causes doubt, and only a command moves time back`, async () => {
      const machine = machineAt(start)
      let service = await serviceOn(machine, join(root, "data"))
      await populate(service, machine)
      machine.set(-back)
      await service.settle()
      machine.pass(10 * minute)
      expect(await service.run(service.kms.showClock())).toMatchObject({
        Follows: "ElapsedTime",
        Now: formatInstant(start + 10 * minute),
        Doubt: { Direction: "Backward" }
      })
      await service.close()
      service = await serviceOn(machine, join(root, "data"))
      expect(await service.run(service.kms.showClock())).toMatchObject({ Doubt: { Direction: "Backward" } })
      const confirmed = await service.run(service.kms.confirmClock())
      expect(confirmed).toMatchObject({ Now: formatInstant(start + 10 * minute - back), Follows: "MachineClock" })
      await service.close()
      service = await serviceOn(machine, join(root, "data"))
      expect(await service.run(service.kms.showClock())).not.toHaveProperty("Doubt")
      await service.close()
    })
  }

  it("a clock behind the date of a new store is in doubt after a kill, and reject moves time back", async () => {
    const machine = machineAt(start + 30 * year)
    const first = await serviceOn(machine, join(root, "data"))
    await first.run(first.kms.createKey())
    machine.set(-30 * year)
    const copy = killedCopy(join(root, "data"))
    await first.close()
    const service = await serviceOn(machine, copy)
    expect(await service.run(service.kms.showClock())).toMatchObject({ Doubt: { Direction: "Backward" } })
    await service.run(service.kms.rejectClock())
    expectNear(await windowGiven(service), start + 7 * day)
    await service.close()
  })
})

describe("several jumps in a row", () => {
  it("several jumps of the clock, with restarts between them, never move time", async () => {
    const machine = machineAt(start)
    let directory = join(root, "data")
    let service = await serviceOn(machine, directory)
    const { leaving, expiring } = await populate(service, machine)
    let off = 0
    const jumps = [20 * minute, year, -2 * year, 30 * day, -40 * year, 41 * year, 3 * hour]
    for (const [place, jump] of jumps.entries()) {
      machine.set(jump)
      off += jump
      machine.pass(minute)
      const how = (["none", "kill", "clean"] as const)[place % 3] ?? "none"
      ;({ service, directory } = await restart(service, machine, directory, how))
      await service.settle()
      expectNear(await windowGiven(service), start + (place + 1) * minute + 7 * day)
    }
    machine.set(-off)
    await service.run(service.kms.rejectClock())
    expectNear(await windowGiven(service), start + jumps.length * minute + 7 * day)
    expect([await stateOf(service, leaving), await stateOf(service, expiring)]).toEqual(["PendingDeletion", "Enabled"])
    await service.close()
  })
})

describe("a machine whose clock is right", () => {
  it("a right clock fires every deadline in time, through suspension and while the service is down", async () => {
    const machine = machineAt(start)
    let service = await serviceOn(machine, join(root, "data"))
    const { leaving, rotating } = await populate(service, machine)
    machine.suspend(3 * day)
    await service.settle()
    expect(await service.run(service.kms.showClock())).not.toHaveProperty("Doubt")
    expect(await stateOf(service, leaving)).toBe("PendingDeletion")
    await service.close()
    machine.pass(20 * day)
    service = await serviceOn(machine, join(root, "data"))
    expect(await service.run(service.kms.showClock())).toMatchObject({ Now: formatInstant(start + 23 * day) })
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    expect((await service.run(service.kms.listKeyVersions({ KeyId: rotating.KeyId }))).TotalCount).toBe(2)
    await service.close()
  })

  it("a right clock is trusted after a day off, and in doubt after a longer time", async () => {
    const machine = machineAt(start)
    let service = await serviceOn(machine, join(root, "data"))
    const { leaving } = await populate(service, machine)
    await service.close()
    machine.reboot(day)
    service = await serviceOn(machine, join(root, "data"))
    expect(await service.run(service.kms.showClock())).toMatchObject({ Now: formatInstant(start + day) })
    await service.close()
    machine.reboot(20 * day)
    service = await serviceOn(machine, join(root, "data"))
    expect(await service.run(service.kms.showClock())).toMatchObject({
      Now: formatInstant(start + day),
      Doubt: { Direction: "Forward" }
    })
    expect(await stateOf(service, leaving)).toBe("PendingDeletion")
    await service.run(service.kms.confirmClock())
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    await service.close()
  })

  it("a clock that steps by minutes delays deletions until elapsed time reaches them", async () => {
    const machine = machineAt(start)
    const service = await serviceOn(machine, join(root, "data"))
    const { leaving } = await populate(service, machine)
    for (let at = 0; at < 7; at++) {
      machine.pass(day - (at === 6 ? 10 * minute : 0))
      await service.settle()
    }
    machine.set(14 * minute)
    await service.settle()
    expect(await service.run(service.kms.showClock())).not.toHaveProperty("Doubt")
    expect(await stateOf(service, leaving)).toBe("PendingDeletion")
    machine.pass(10 * minute)
    await service.settle()
    expect(await stateOf(service, leaving)).toBe("Forbidden.KeyNotFound")
    await service.close()
  })
})

describe("data of an earlier version", () => {
  /** Two keys of a service that stopped twenty days ago: one deletion and one rotation fell due since. */
  const abandoned = async (directory: string, doubt?: string) => {
    const startAt = Date.now() - 20 * day
    const before = await createKms({ store: { directory }, clock: "virtual", startAt })
    const leaving = (await before.createKey()).KeyMetadata.KeyId
    await before.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 })
    await before.close()
    await Effect.runPromise(
      Effect.gen(function* () {
        const store = yield* Store
        yield* store.setMeta("clock.kind", "real")
        yield* store.setMeta("clock.mark", String(startAt))
        if (doubt !== undefined) yield* store.setMeta("clock.doubt", doubt)
      }).pipe(Effect.provide(sqliteIn(directory)), Effect.orDie)
    )
    return leaving
  }

  it("data of an earlier version keeps its mark, and a confirmation deletes overdue keys", async () => {
    const directory = join(root, "data")
    const leaving = await abandoned(directory)
    for (let run = 0; run < 2; run++) {
      await using kms = await createKms({ store: { directory }, clock: "real" })
      expect((await kms.describeKey({ KeyId: leaving })).KeyMetadata.KeyState).toBe("PendingDeletion")
      expect(await kms.clock.show()).toMatchObject({ Clock: "real", Doubt: { Direction: "Forward" } })
    }
    await using kms = await createKms({ store: { directory }, clock: "real" })
    expect(await kms.clock.confirm()).not.toHaveProperty("Doubt")
    await expect(kms.describeKey({ KeyId: leaving })).rejects.toMatchObject({ code: "Forbidden.KeyNotFound" })
    expect(await kms.clock.confirm()).toMatchObject({ Clock: "real" })
  })

  it("data of an earlier version keeps its doubt", async () => {
    const directory = join(root, "data")
    await abandoned(directory, `${Date.now() - 20 * day} ${Date.now()}`)
    await using kms = await createKms({ store: { directory }, clock: "real" })
    expect(await kms.clock.show()).toHaveProperty("Doubt")
    expect(await kms.clock.reject()).not.toHaveProperty("Doubt")
  })
})

describe("verify", () => {
  it("verify names keys whose events are dated later than the machine's clock", async () => {
    const machine = machineAt(Date.now() + 30 * year)
    const directory = join(root, "data")
    const service = await serviceOn(machine, directory)
    const { KeyId } = (await service.run(service.kms.createKey())).KeyMetadata
    await service.close()
    const report = await Effect.runPromise(Effect.provide(verifyStore(), sqliteIn(directory)).pipe(Effect.orDie))
    expect(report.findings).toEqual([])
    expect(report.notes).toEqual([
      { keyId: KeyId, note: expect.stringContaining(formatInstant(machine.wall()).slice(0, 13)) }
    ])
  })
})
