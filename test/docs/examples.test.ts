/** The examples of the documentation run, and print the documented output. */
import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const folder = fileURLToPath(new URL("../../docs/examples/", import.meta.url))

const programs: Readonly<Record<string, string>> = {
  "manual-rotation.ts": `alias/MyAppKey is bound to CMK-A
  CMK-A opens card 4111
alias/MyAppKey is bound to CMK-B
  CMK-A opens card 4111
  CMK-B opens card 5500
the old row is re-encrypted
  CMK-B opens card 4111
  CMK-B opens card 5500
`,
  "object-storage.ts": `before the rotation
  january.txt: "cold", its data key under version 1
after the rotation
  january.txt: "cold", its data key under version 1
  next-january.txt: "cold again", its data key under version 2
after writing the old object again
  january.txt: "cold", its data key under version 2
  next-january.txt: "cold again", its data key under version 2
`,
  "disk.ts": `before the rotation: block written before; volume key under version 1 of 1
after the rotation: block written before, block written after; volume key under version 1 of 2
after a copy to a new disk: block written before, block written after; volume key under version 2 of 2
`,
  "many-rows.ts": `row 2 is not encrypted: Rejected.Disabled
row 1 holds 4111
row 3 holds 3400
`,
  "inspect.ts": `xstate.init: Enabled
DisableKey: Disabled
ScheduleKeyDeletion: PendingDeletion
CancelKeyDeletion: Enabled
xstate.stop: Enabled
`
}

/** Files that programs import and that are not programs. */
const shared = ["envelope.ts", "toyAdapter.ts", "toyKms.ts"]

describe("examples of the documentation", () => {
  it.concurrent.each(Object.entries(programs))("the example %s prints what its page says", async (name, output) => {
    const { stderr, stdout } = await promisify(execFile)(process.execPath, [name], { cwd: folder })
    expect([stdout, stderr]).toEqual([output, ""])
  })

  it("the tests run every example of the documentation", () => {
    const found = readdirSync(folder).filter((name) => name.endsWith(".ts"))
    expect(found.toSorted()).toEqual([...Object.keys(programs), ...shared].toSorted())
  })
})
