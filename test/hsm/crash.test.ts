/** After a kill at every step between store and token, no key is lost, and leftover objects are found. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { partOf } from "../sample.ts"
import { boundaries, familiesOn, faultsOfKill } from "./killing.ts"
import { reconciled } from "./reconciled.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const families = familiesOn(token)
const hsm = families.AES
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-crash-"))
afterAll(() => {
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})

describe("a killed service on a token", () => {
  it.each(
    partOf(
      boundaries.flatMap((boundary) => [
        [boundary, 1, "AES"] as const,
        [boundary, 3, "AES"] as const,
        [boundary, 2, "SM"] as const
      ]),
      2
    )
  )(
    "a service killed at %s, occurrence %i, loses no answered call and no object, with keys of %s",
    async (boundary, visit, family) => {
      const directory = join(scratch, `${boundary}-${visit}-${family}`)
      expect(await faultsOfKill({ directory, families, family, moment: { boundary, visit } })).toEqual([])
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
