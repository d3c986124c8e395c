/** Takes the pictures that the README shows, of the console and of a conformance report: `npm run docs:pictures`. */
import { fileURLToPath } from "node:url"
import { htmlPage } from "../../src/conformance/report/page/page.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { launchChromium } from "../chromium.ts"
import { faultyServices } from "../conformance/faultyServices.ts"
import { startConsole } from "./startConsole.ts"

const picture = (name: string): string => fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url))

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
await page.screenshot({ path: picture("console") })

const report = await runConformance(
  { ...faultyServices.decryptsWhenDisabled(), name: "A service that decrypts with Disabled keys" },
  { seed: "picture", profiles: ["core"], phases: ["exhaustive"] }
)
const reportPage = await browser.newPage({ viewport: { width: 1240, height: 780 }, deviceScaleFactor: 1 })
await reportPage.setContent(htmlPage(report))
await reportPage.locator("#KMS-LC-003").screenshot({ path: picture("conformance") })
await browser.close()
