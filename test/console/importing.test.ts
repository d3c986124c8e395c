/** The import of key material, step by step in a browser: as in User guide 4.3, and with errors. */
import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let server: RunningConsole
let browser: Browser
beforeAll(async () => {
  server = await startConsole()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const downloaded = async (page: Page, button: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click()
  ])
  return readFileSync(await download.path(), "utf8")
}

const wrapped = (publicKey: string, material: Uint8Array): string =>
  publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256"
    },
    material
  ).toString("base64")

it("the console imports wrapped material, and accepts only the same material again", async () => {
  const { KeyMetadata } = await server.run(server.kms.createKey({ Origin: "EXTERNAL", Description: "partner" }))
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`${server.url}/console/keys/${KeyMetadata.KeyId}`)
  await page.getByRole("heading", { name: "Sign in" }).waitFor()
  await page.goto(`${server.url}/console/keys/${KeyMetadata.KeyId}#token=${await server.token()}`)
  await page.getByRole("tab", { name: "Material" }).click()
  await expect.poll(() => page.url()).not.toContain("token")

  const stateIs = (state: string) =>
    expect
      .poll(async () => (await server.run(server.kms.describeKey({ KeyId: KeyMetadata.KeyId }))).KeyMetadata.KeyState)
      .toBe(state)
  const importing = async (material: Uint8Array): Promise<void> => {
    await page.getByRole("button", { name: "Import key material…" }).click()
    await page.getByRole("button", { name: "Next" }).click()
    const publicKey = await downloaded(page, "Download public key")
    expect((await downloaded(page, "Download import token")).length).toBeGreaterThan(20)
    await page.getByRole("button", { name: "Next" }).click()
    await page.getByLabel("Encrypted key material", { exact: true }).fill(wrapped(publicKey, material))
    await page.getByRole("button", { name: "Import", exact: true }).click()
  }

  const material = randomBytes(32)
  await importing(material)
  await page.getByRole("dialog").waitFor({ state: "detached" })
  await stateIs("Enabled")

  await server.run(server.kms.deleteKeyMaterial({ KeyId: KeyMetadata.KeyId }))
  await page.getByText("There is no key material.").waitFor()
  await importing(randomBytes(32))
  await page.getByRole("dialog").getByText("InvalidKeyMaterial").waitFor()
  await stateIs("PendingImport")
  await page.keyboard.press("Escape")

  await importing(material)
  await page.getByRole("dialog").waitFor({ state: "detached" })
  await stateIs("Enabled")
  await page.context().close()
})

it("the console imports a file of OpenSSL, and sends no unwrapped material", async () => {
  const { KeyMetadata } = await server.run(server.kms.createKey({ Origin: "EXTERNAL", Description: "from a file" }))
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  const sent: Array<string> = []
  page.on("request", (request) => sent.push(request.postData() ?? ""))
  await page.goto(`${server.url}/console/keys/${KeyMetadata.KeyId}?tab=material#token=${await server.token()}`)
  await page.getByRole("button", { name: "Import key material…" }).click()
  await page.getByRole("button", { name: "Next", exact: true }).click()
  const publicKey = await downloaded(page, "Download public key")
  await page.getByRole("button", { name: "Next", exact: true }).click()
  const chosen = (name: string, buffer: Buffer) =>
    page
      .getByLabel("Encrypted key material, from a file")
      .setInputFiles({ name, mimeType: "application/octet-stream", buffer })
  const bring = page.getByRole("button", { name: "Import", exact: true })

  const material = randomBytes(32)
  await chosen("KeyMaterial.bin", material)
  await page.getByText("This is too short to be encrypted material.").waitFor()
  await bring.click({ force: true })
  await chosen("film.mkv", Buffer.alloc(5000))
  await page.getByText("film.mkv is empty or too large").waitFor()
  await chosen("other.bin", randomBytes(256))
  await bring.click()
  await page.getByText("InvalidKeyMaterial").waitFor()
  await chosen("EncryptedKeyMaterial.bin", Buffer.from(wrapped(publicKey, material), "base64"))
  await page.getByText("InvalidKeyMaterial").waitFor({ state: "detached" })
  await bring.click()
  await page.getByText("The key material is present.").waitFor()
  expect(sent.join("\n")).not.toContain(material.toString("base64"))
  await page.context().close()
})
