/** KMS-AL-011: An alias that does not exist answers Forbidden.AliasNotFound. */
import { readFileSync } from "node:fs"
import { env } from "node:process"
import { expect, test } from "vitest"
import { overHttp, parseReplay, replay } from "keystate/conformance"

test("KMS-AL-011 An alias that does not exist answers Forbidden.AliasNotFound.", async () => {
  const { ENDPOINT: endpoint = "http://127.0.0.1:8787", ACCESS_KEY_FILE: file = "ak.json" } = env
  const accessKey = JSON.parse(readFileSync(file, "utf8"))
  const adapter = await overHttp({ endpoint, accessKey, clock: () => performance.timeOrigin + performance.now() })
  const steps = parseReplay(readFileSync(new URL("./KMS-AL-011.json", import.meta.url), "utf8"))
  expect((await replay(adapter, steps)).status).toBe("FIXED")
})
