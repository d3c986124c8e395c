/** After a kill at every step between store and token, no key is lost, and leftover objects are found. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { programOf } from "../programs.ts"
import { partOf } from "../sample.ts"
import { reconciled } from "./reconciled.ts"
import { buildSmModule, numbers } from "./smModule.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
/** The same token with SM keys. */
const smHsm = { ...hsm, module: buildSmModule(token), mechanisms: numbers }
type Hsm = typeof hsm | typeof smHsm
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-crash-"))
afterAll(() => {
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})

const victim = await programOf("hsmVictim")

/** Blobs that were answered before the victim was killed. */
const runVictim = (directory: string, failpoint: string, hits: number, hsm: Hsm): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const blobs: Array<string> = []
    const args = [
      victim,
      directory,
      hsm.module,
      hsm.label,
      hsm.pinFile,
      failpoint,
      String(hits),
      hsm === smHsm ? "sm" : ""
    ]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    const lines = createInterface({ input: child.stdout })
    lines.on("line", (line) => {
      const told: unknown = JSON.parse(line)
      if (typeof told === "object" && told !== null && "blob" in told) blobs.push(String(told.blob))
    })
    child.on("error", reject)
    // After the exit, when all its output was read.
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(blobs)
      else reject(new Error("the victim ended by itself"))
    })
  })

const boundaries = [
  "store.commit.before",
  "store.commit.afterStatements",
  "store.commit.afterCommit",
  "actor.owed.before",
  "actor.owed.after",
  "store.settle.after",
  "store.import.before",
  "store.import.after"
] as const

describe("a killed service on a token", () => {
  it.each(
    partOf(
      boundaries.flatMap((boundary) => [
        [boundary, 1, "AES", hsm] as const,
        [boundary, 3, "AES", hsm] as const,
        [boundary, 2, "SM", smHsm] as const
      ]),
      2
    )
  )(
    "a service killed at %s, occurrence %i, loses no answered call and no object, with keys of %s",
    async (boundary, hits, algorithms, hsm) => {
      const directory = join(scratch, `${boundary}-${hits}-${algorithms}`)
      const blobs = await runVictim(directory, boundary, hits, hsm)
      const found = await reconciled(directory, true, hsm)
      // A row without its object would be a lost key.
      expect(found.orphans.filter(({ kind, repaired }) => kind !== "object" || !repaired)).toEqual([])
      expect((await reconciled(directory, false, hsm)).orphans).toEqual([])
      await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
      for (const CiphertextBlob of blobs) expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe("aGVsbG8=")
    }
  )

  it("a restart after a kill does not touch another store's objects on the same token", async () => {
    const directory = join(scratch, "lost")
    let blob = ""
    {
      await using kms = await createKms({ store: { directory }, hsm })
      const { KeyId } = (await kms.createKey({ ProtectionLevel: "HSM" })).KeyMetadata
      blob = (await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })).CiphertextBlob
    }
    const before = await reconciled(directory, true, hsm)
    expect(before).toMatchObject({ objects: 1, versions: 1, orphans: [] })
    const other = join(scratch, "other")
    {
      await using kms = await createKms({ store: { directory: other }, hsm })
      await kms.createKey({ ProtectionLevel: "HSM", KeySpec: "EC_P256" })
    }
    expect(await reconciled(other, true, hsm)).toMatchObject({ objects: 2, versions: 1, orphans: [] })
    await using kms = await createKms({ store: { directory }, hsm })
    expect((await kms.decrypt({ CiphertextBlob: blob })).Plaintext).toBe("aGVsbG8=")
  })
})
