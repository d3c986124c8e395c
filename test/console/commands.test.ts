/** The commands that the console offers for copying work. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { asCurl } from "../../src/console/app/keyPage/commands.ts"
import type { KeyRow } from "../../src/console/protocol.ts"
import { accessKeyId, at, secret, startConsole } from "./startConsole.ts"

it("the curl command of the console signs its request, and gets an answer", async () => {
  await using server = await startConsole()
  const page = await server.page()
  const keyId = String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
  const row = at(await page.get(`/key?id=${keyId}`), "reply") as KeyRow
  const env = { ...process.env, ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret }
  const { stdout } = await promisify(execFile)("bash", ["-c", asCurl("Encrypt", row, new URL(server.url))], { env })
  expect(at(JSON.parse(stdout), "KeyId")).toBe(keyId)
  expect(String(at(JSON.parse(stdout), "CiphertextBlob"))).toMatch(/^[A-Za-z0-9+/]+=*$/)
})
