/** docs/command-line.md calls a flag required exactly if the command refuses to run without the flag. */
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const page = readFileSync(new URL("../../docs/command-line.md", import.meta.url), "utf8")

it("docs/command-line.md marks exactly the flags that a command needs as required", () => {
  const required = [...page.matchAll(/^\| `(--[\w-]+)`.*; required \|$/gm)].map(([, flag]) => flag)
  expect(required).toEqual(["--as", "--operation", "--from", "--to", "--law"])
})
