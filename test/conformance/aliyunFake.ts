/** A replacement for the vendor's `aliyun` command in scripts. Like the command, it uses HTTPS by default and needs --force. */
import { randomUUID } from "node:crypto"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"

const alone = ["insecure", "secure", "force"] as const

const given = new Map<string, string>()
const [, , product = "", operation = "", ...rest] = process.argv
for (let at = 0; at < rest.length; at++) {
  const name = (rest[at] ?? "").replace(/^--/, "")
  given.set(name, alone.some((one) => one === name) ? "" : (rest[++at] ?? ""))
}
const take = (name: string): string | undefined => {
  const value = given.get(name)
  given.delete(name)
  return value
}

const [endpoint = "", version = "", region = ""] = [take("endpoint"), take("version"), take("region")]
const scheme = take("insecure") === undefined ? "https" : "http"
if (product !== "kms" || endpoint.includes("/") || version === "" || region === "" || take("force") === undefined) {
  console.error("ERROR: an argument is missing or wrong")
  process.exit(2)
}
const body = signV1({
  method: "POST",
  parameters: { ...Object.fromEntries(given), Action: operation, Version: version, Format: "JSON" },
  accessKeyId: process.env["ALIBABA_CLOUD_ACCESS_KEY_ID"] ?? "",
  secret: process.env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] ?? "",
  nonce: randomUUID(),
  timestamp: formatInstant(Date.now())
})
const headers = { "content-type": "application/x-www-form-urlencoded" }
const response = await fetch(`${scheme}://${endpoint}`, { method: "POST", headers, body })
const reply = (await response.json()) as { readonly Code?: string }
if (response.ok) console.log(JSON.stringify(reply, null, 2))
else console.error(`ERROR: SDK.ServerError\nErrorCode: ${reply.Code ?? ""}`)
process.exit(response.ok ? 0 : 1)
