/** Seeded material is sealed like any other: it is in the seed file only. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { expect, it } from "vitest"
import { encodeBase64 } from "../../src/encoding/base64.ts"
import { createKms } from "../../src/promise.ts"
import { filesUnder, searchIn, spellings } from "../spellings.ts"
import { id, seedOfKeys } from "./seeds.ts"

const secret = (n: number): Uint8Array => Buffer.alloc(32).fill(`seeded ${n} and secret`)

it("the data directory, refusals and printed objects contain no seeded material", async () => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-"))
  const secrets = [1, 2, 3, 4].map(secret)
  const [a = "", b = "", c = "", d = ""] = secrets.map(encodeBase64)
  const seed = seedOfKeys(
    { id: id(1), material: a },
    { id: id(2), versions: [{ material: b }, { material: c }] },
    { id: id(3), origin: "EXTERNAL", material: d }
  )
  try {
    const kms = await createKms({ store: { directory }, clock: "virtual", fixtures: seed })
    const printed = [inspect(kms, { depth: 12, showHidden: true })]
    for await (const entry of kms.events(id(3))) printed.push(JSON.stringify(entry))
    const whileRunning = filesUnder(directory)
    await kms.close()
    const contradicting = [
      seedOfKeys({ id: id(1), material: b }),
      seedOfKeys({ id: id(3), origin: "EXTERNAL", material: a }),
      seedOfKeys({ id: id(9), spec: "EC_P256", material: c }),
      { version: 1, keys: [{ id: id(9), material: [d] }] } as never
    ]
    for (const fixtures of contradicting) {
      const failure: unknown = await createKms({ store: { directory }, clock: "virtual", fixtures }).catch(
        (error) => error
      )
      expect(failure).toMatchObject({ _tag: "SeedRefused" })
      printed.push(inspect(failure, { depth: 12, showHidden: true }), JSON.stringify(failure))
    }
    const isIn = searchIn(Buffer.concat([...whileRunning, ...filesUnder(directory), Buffer.from(printed.join("\n"))]))
    for (const bytes of secrets) for (const spelling of spellings(bytes)) expect(isIn(spelling)).toBe(false)
    // A control: the search finds what must be present.
    expect([isIn("CreateKey"), isIn("SeedRefused"), isIn(id(2))]).toEqual([true, true, true])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
