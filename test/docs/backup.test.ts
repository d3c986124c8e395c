/** The commands of the page on backups run in their order, and report the state of the store. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()
const page = readFileSync(new URL("../../docs/how-to/backup.md", import.meta.url), "utf8")
const place = mkdtempSync(join(tmpdir(), "keystate-backup-page-"))
afterAll(() => rmSync(place, { recursive: true, force: true }))
beforeAll(async () => {
  const kms = await createKms({ store: { directory: join(place, ".keystate") } })
  await kms.createKey({ Description: "one" })
  await kms.createKey({ Description: "two" })
  await kms.close()
  execFileSync("cp", [join(place, ".keystate", "root.key"), join(place, "root.key")])
})

/** Commands of the page. Those that start a server or name a database are tried elsewhere. */
const commands = [...page.matchAll(/```sh\n([^`]*)```/g)]
  .flatMap(([, block = ""]) => block.trim().split("\n"))
  .filter((line) => !line.includes("keystate serve") && !line.includes("postgres://"))

const run = (line: string) => {
  const preamble = `set -o pipefail; PATH="${dirname(process.execPath)}:$PATH"; keystate() { node ${command} "$@"; }; `
  const { status, stdout, stderr } = spawnSync("bash", ["-c", preamble + line], { cwd: place, encoding: "utf8" })
  return { status, stdout, stderr }
}

describe("the page on backups", () => {
  it("the commands of the page on backups work one after the other", () => {
    expect(commands.length).toBeGreaterThanOrEqual(6)
    for (const line of commands) {
      const { status, stderr } = run(line)
      expect([line, status, status === 0 ? "" : stderr]).toEqual([line, 0, ""])
    }
    expect(existsSync(join(place, "keystate.backup"))).toBe(true)
    expect(run("gunzip -c keystate.backup.gz | keystate verify --backup - --root-key-file root.key").status).toBe(0)
    // The last command of the page gave the store a new root key.
    const { status, stderr } = run("keystate verify --data .keystate")
    expect([status, stderr]).toEqual([1, expect.stringContaining("sealed under another root key")])
    expect(
      run("keystate verify --data .keystate --root-key-file new.key --expect-keys 2 --continues keystate.backup").status
    ).toBe(0)
  })

  it("verify fails for a store with too few keys, an older store or another store", async () => {
    for (const directory of ["other", "empty"]) {
      const kms = await createKms({ store: { directory: join(place, directory) } })
      if (directory === "other") for (let n = 0; n < 3; n++) await kms.createKey({})
      await kms.close()
    }
    const said = (line: string) => run(line).stderr
    expect(run("keystate backup --data .keystate -o expected.backup").status).toBe(0)
    const other = said("keystate verify --data other --expect-keys 4 --continues expected.backup")
    expect(other).toContain("it has 3 keys, and 4 were expected")
    expect(other).toMatch(/another store than that|it is older/)
    const empty = said("keystate verify --data empty --continues expected.backup")
    expect(empty).toContain("the store is empty")
    expect(empty).toMatch(/it is older than expected.backup: its audit log ends at segment 0/)
  })
})
