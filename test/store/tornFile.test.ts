/** A power loss while the log is copied back tears pages of the database file: the log holds them, and the store opens. */
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { newDirectory } from "./places.ts"

const [pageBytes, headerBytes, frameHeaderBytes] = [4096, 32, 24]

/** The numbers of the pages that the log holds (SQLite file format 4.1 and 4.2). */
const pagesIn = (log: Buffer): ReadonlySet<number> => {
  const pages = new Set<number>()
  for (let at = headerBytes; at + frameHeaderBytes + pageBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    const isOfThisLog = log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))
    if (isOfThisLog) pages.add(log.readUInt32BE(at))
  }
  return pages
}

const kept = ["keystate.db", "keystate.db-wal", "root.key"]

describe("a database file with torn pages", () => {
  let running: Awaited<ReturnType<typeof createKms>>
  let keyId: string
  const directory = newDirectory()
  beforeAll(async () => {
    running = await createKms({ store: { directory }, clock: "virtual" })
    keyId = (await running.createKey({ Description: "kept" })).KeyMetadata.KeyId
  })
  afterAll(() => running.close())

  it.each([
    ["in their second half", pageBytes / 2],
    ["but for their first sector", 512]
  ])("a database whose pages are torn %s opens with its complete log", async (_, from) => {
    const torn = newDirectory()
    for (const name of kept) cpSync(join(directory, name), join(torn, name))
    const file = readFileSync(join(torn, "keystate.db"))
    const pages = pagesIn(readFileSync(join(torn, "keystate.db-wal")))
    expect(pages.size).toBeGreaterThan(3)
    for (const page of pages) file.fill(0xff, (page - 1) * pageBytes + from, page * pageBytes)
    writeFileSync(join(torn, "keystate.db"), file)
    const kms = await createKms({ store: { directory: torn }, clock: "virtual" })
    expect((await kms.describeKey({ KeyId: keyId })).KeyMetadata.Description).toBe("kept")
    await kms.close()
  })
})
