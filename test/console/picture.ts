/** Takes the picture of the console that the README shows: `npm run docs:pictures`. */
import { fileURLToPath } from "node:url"
import { launchChromium } from "../chromium.ts"
import { startConsole } from "./startConsole.ts"

const to = fileURLToPath(new URL("../../docs/images/console.png", import.meta.url))

const browser = await launchChromium()
// A frozen clock, so that the picture changes only with the console.
await using server = await startConsole({ clock: "virtual", hsm: "simulator", seed: "pictures" })
const { kms, run } = server
const make = async (name: string, request: Parameters<typeof kms.createKey>[0]) => {
  const { KeyMetadata } = await run(kms.createKey(request))
  await run(kms.createAlias({ AliasName: `alias/${name}`, KeyId: KeyMetadata.KeyId }))
  return KeyMetadata.KeyId
}
await make("orders", { Description: "Orders", EnableAutomaticRotation: true, RotationInterval: "90d" })
await make("partner", { Description: "Material of a partner", Origin: "EXTERNAL" })
await make("signing", { Description: "Signs invoices", KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
const invoices = await make("invoices", { Description: "Invoices until 2025" })
await run(kms.disableKey({ KeyId: invoices }))
await run(kms.enableKey({ KeyId: invoices }))
await run(kms.scheduleKeyDeletion({ KeyId: invoices, PendingWindowInDays: 14 }))

const page = await browser.newPage({ viewport: { width: 1240, height: 780 }, deviceScaleFactor: 1 })
await page.goto(`${server.url}/console/#token=${await server.token()}`)
await page.getByText("Live", { exact: true }).waitFor()
await page.goto(`${server.url}/console/keys/${invoices}`)
await page.locator("svg [data-is=active]").first().waitFor()
await page.waitForTimeout(500)
await page.screenshot({ path: to })
await browser.close()
