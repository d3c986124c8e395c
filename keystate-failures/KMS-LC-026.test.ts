/** KMS-LC-026: No call makes the service fail: what is wrong is refused. */
import { readFileSync } from "node:fs"
import { env } from "node:process"
import { expect, test } from "vitest"
import { overHttp, parseReplay, replay } from "keystate/conformance"

test("KMS-LC-026 No call makes the service fail: what is wrong is refused.", async () => {
  const { ENDPOINT: endpoint = "http://127.0.0.1:8787", ACCESS_KEY_FILE: file = "ak.json" } = env
  const accessKey = JSON.parse(readFileSync(file, "utf8"))
  const adapter = await overHttp({ endpoint, accessKey, clock: () => performance.timeOrigin + performance.now() })
  const steps = parseReplay(readFileSync(new URL("./KMS-LC-026.json", import.meta.url), "utf8"))
  expect((await replay(adapter, steps)).status).toBe("FIXED")
})
