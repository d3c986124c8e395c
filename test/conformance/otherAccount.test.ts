/** `keystate conformance --other-account-key-file` against a server that has a second account. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { overHttp } from "../../src/conformance/adapters/http.ts"
import { listOf, memberOf, textOf } from "../../src/conformance/steps/reply.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()
const scratch = mkdtempSync(join(tmpdir(), "keystate-other-account-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const put = (name: string, value: object): string => {
  const path = join(scratch, name)
  writeFileSync(path, JSON.stringify(value))
  return path
}

const conformance = (...given: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve) => {
    execFile(process.execPath, [command, "conformance", ...given], { cwd: scratch }, (error) =>
      resolve(error === null ? 0 : Number(error.code))
    )
  })

it("the flag --other-account-key-file makes the calls from another account with that access key", async () => {
  await using server = await startServer({ clock: "virtual" })
  const pair = memberOf(await server.pop("CreateAccount"), "Account.RootAccessKey")
  const other = {
    accessKeyId: textOf(pair, "AccessKeyId") ?? "",
    accessKeySecret: textOf(pair, "AccessKeySecret") ?? ""
  }
  const report = join(scratch, "report.json")
  const keys = { own: put("ak.json", { accessKeyId, accessKeySecret: secret }), other: put("other.json", other) }
  const flags = "--profile accounts --runs 1 --parallel 1".split(" ")
  const accounts = ["--access-key-file", keys.own, "--other-account-key-file", keys.other]
  const code = await conformance("--endpoint", server.url, ...accounts, ...flags, "--json", report)
  const told: unknown = JSON.parse(readFileSync(report, "utf8"))
  const held = listOf(told, "laws").filter((law) => textOf(law, "status") === "passed")
  expect(code).toBe(0)
  expect(held.map((law) => textOf(law, "id"))).toEqual(expect.arrayContaining(["KMS-PLC-001", "KMS-PLC-004"]))
  // Keystate would have made a third account without the flag.
  expect(listOf(await server.pop("ListAccounts"), "Accounts.Account").length).toBe(2)
  const adapter = await overHttp({ endpoint: server.url, accessKey: other, clock: Date.now })
  const listed = await adapter.call("ListKeys", {})
  expect(listed.ok && Number(textOf(listed.response, "TotalCount"))).toBeGreaterThan(0)
})
