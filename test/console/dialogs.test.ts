/** Dialogs perform their action once and return the focus, in a real Chromium. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { pressEnter, pressEnterOn } from "./keyboard.ts"
import { at, startConsole } from "./startConsole.ts"
import type { RunningConsole } from "./startConsole.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const open = async (server: RunningConsole, path: string): Promise<Page> => {
  const context = await browser.newContext({ reducedMotion: "reduce" })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  await page.goto(`${server.url}/console/#token=${await server.token()}`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.goto(`${server.url}/console${path}`)
  await page.getByRole("heading", { level: 1 }).waitFor()
  return page
}

/** Closes every page before the server stops. */
const served = async () => {
  const server = await startConsole({ clock: "virtual", hsm: "simulator" })
  return {
    server,
    [Symbol.asyncDispose]: async () => {
      for (const context of browser.contexts()) await context.close()
      await server.stop()
    }
  }
}

const keysOf = async ({ kms, run }: RunningConsole): Promise<ReadonlyArray<string>> =>
  (await run(kms.listKeys({ PageSize: 100 }))).Keys.Key.map(({ KeyId }) => KeyId)

const metadataOf = async ({ kms, run }: RunningConsole, KeyId: string) =>
  (await run(kms.describeKey({ KeyId }))).KeyMetadata

const focusedText = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return "body"
  return (element.getAttribute("aria-label") ?? (element.textContent || element.id || element.tagName)).trim()
})()`

/** The focused element: its label or text, or `body`. */
const focused = async (page: Page): Promise<string> => String(await page.evaluate(focusedText))

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true })

describe("Create key", () => {
  it("Create key creates nothing with an invalid alias, and then exactly the described key", async () => {
    await using around = await served()
    const page = await open(around.server, "/keys")
    await button(page, "Create key").first().click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Alias name").fill("bad name!")
    await dialog.getByLabel("Alias name").press("Enter")
    await dialog.getByText("The alias name has a character that is not a letter, digit, _, - or /.").first().waitFor()
    expect(await keysOf(around.server)).toEqual([])
    await dialog.getByLabel("Key spec").selectOption("EC_P256")
    await dialog.getByLabel("Description").fill("signs invoices")
    await dialog.getByLabel("Alias name").fill("good")
    await button(page, "Create key").last().click()
    await page.getByRole("heading", { level: 1, name: "alias/good" }).waitFor()
    expect(await keysOf(around.server)).toHaveLength(1)
    const made = await metadataOf(around.server, "alias/good")
    expect([made.KeySpec, made.Description]).toEqual(["EC_P256", "signs invoices"])
  })

  it.each([
    ["alias/", undefined],
    ["acs/rds", "is reserved for the keys of cloud services"],
    ["a".repeat(256), "the limit is 255"],
    ["taken", "alias/taken is an alias of another key."]
  ])("Create key refuses the alias %s before creating a key", async (name, reason) => {
    await using around = await served()
    const { kms, run } = around.server
    const { KeyMetadata } = await run(kms.createKey({}))
    await run(kms.createAlias({ KeyId: KeyMetadata.KeyId, AliasName: "alias/taken" }))
    const page = await open(around.server, "/keys")
    await page.getByText("alias/taken").first().waitFor()
    await button(page, "Create key").first().click()
    await page.getByRole("dialog").getByLabel("Alias name").fill(name)
    await page.getByRole("dialog").getByLabel("Alias name").press("Enter")
    if (reason === undefined) {
      await page.getByRole("dialog").waitFor({ state: "detached" })
      expect(await keysOf(around.server)).toHaveLength(2)
      return
    }
    await page.getByRole("dialog").getByText(reason).first().waitFor()
    expect(await keysOf(around.server)).toEqual([KeyMetadata.KeyId])
  })

  /** A page whose first calls of CreateAlias the server refuses. */
  const withRefusedAlias = async (server: RunningConsole): Promise<Page> => {
    const page = await open(server, "/keys")
    let refusals = 1
    await page.route("**/console/api/call", async (route) => {
      const asked: unknown = route.request().postDataJSON()
      if (at(asked, "operation") !== "CreateAlias" || refusals-- <= 0) return route.continue()
      const refusal = { code: "Rejected.LimitExceeded", message: "The alias quota is used up.", httpStatus: 400 }
      return route.fulfill({ json: { ok: false, refusal } })
    })
    await button(page, "Create key").first().click()
    await page.getByRole("dialog").getByLabel("Alias name").fill("first")
    await page.getByRole("dialog").getByLabel("Alias name").press("Enter")
    await page.getByRole("dialog", { name: "The key was created without its alias" }).waitFor()
    await page.getByText("The alias quota is used up.").waitFor()
    return page
  }

  it("Create key reports a created key whose alias was refused, and then adds only the alias", async () => {
    await using around = await served()
    const page = await withRefusedAlias(around.server)
    const made = await keysOf(around.server)
    expect(made).toHaveLength(1)
    expect(await page.getByRole("dialog").getByLabel("Key spec").count()).toBe(0)
    await page.getByRole("dialog").getByLabel("Alias name").fill("second")
    await button(page, "Add alias").click()
    await page.getByRole("heading", { level: 1, name: "alias/second" }).waitFor()
    expect(await keysOf(around.server)).toEqual(made)
  })

  it("Create key opens the new key when the dialog about its alias is closed", async () => {
    await using around = await served()
    const page = await withRefusedAlias(around.server)
    const [made = ""] = await keysOf(around.server)
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await page.waitForURL(`**/console/keys/${made}`)
    await page.getByText("The key was created without an alias.").waitFor({ state: "attached" })
    expect(await keysOf(around.server)).toEqual([made])
  })

  it("Create key stays open until the outcome is known", async () => {
    await using around = await served()
    const page = await open(around.server, "/keys")
    const held = Promise.withResolvers<void>()
    const isAsked = Promise.withResolvers<void>()
    await page.route("**/console/api/call", async (route) => {
      isAsked.resolve()
      await held.promise
      await route.continue()
    })
    await button(page, "Create key").first().click()
    await page.getByRole("dialog").getByLabel("Alias name").fill("slow")
    await page.getByRole("dialog").getByLabel("Alias name").press("Enter")
    await isAsked.promise
    for (let press = 0; press < 3; press++) await page.keyboard.press("Escape")
    await button(page, "Cancel").click({ force: true })
    expect(await page.getByRole("dialog").isVisible()).toBe(true)
    held.resolve()
    await page.getByRole("heading", { level: 1, name: "alias/slow" }).waitFor()
    expect(await keysOf(around.server)).toHaveLength(1)
  })

  it("Create key stays open while it asks whether its alias was added", async () => {
    await using around = await served()
    const page = await open(around.server, "/keys")
    const held = Promise.withResolvers<void>()
    const isAsked = Promise.withResolvers<void>()
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "CreateAlias") return route.continue()
      await route.fetch()
      await page.route("**/console/api/alias?**", async (asked) => {
        isAsked.resolve()
        await held.promise
        await asked.continue()
      })
      return route.abort()
    })
    await button(page, "Create key").first().click()
    const name = page.getByRole("dialog").getByLabel("Alias name")
    await name.fill("late")
    await pressEnterOn(name)
    await isAsked.promise
    await page.keyboard.press("Escape")
    expect(await page.getByRole("dialog", { name: "Create key" }).isVisible()).toBe(true)
    held.resolve()
    await page.getByRole("heading", { level: 1, name: "alias/late" }).waitFor()
    expect(await keysOf(around.server)).toHaveLength(1)
  })

  it("Create key finds its alias after an answer was lost, and says what is unknown until then", async () => {
    await using around = await served()
    const page = await open(around.server, "/keys")
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "CreateAlias") return route.continue()
      await route.fetch()
      await page.route("**/console/api/alias?**", (asked) => asked.abort(), { times: 1 })
      return route.abort()
    })
    await button(page, "Create key").first().click()
    await page.getByRole("dialog").getByLabel("Alias name").fill("lost")
    await page.getByRole("dialog").getByLabel("Alias name").press("Enter")
    await page.getByText("It is unknown whether it has the alias alias/lost.").waitFor()
    await page.unroute("**/console/api/call")
    await page.getByRole("dialog").getByLabel("Alias name").press("Enter")
    await page.getByRole("heading", { level: 1, name: "alias/lost" }).waitFor()
    expect(await keysOf(around.server)).toHaveLength(1)
  })
})

describe("a dialog", () => {
  it("a dialog stays open while its change is in progress, also when its button to close is pressed", async () => {
    await using around = await served()
    const { kms, run } = around.server
    const { KeyMetadata } = await run(kms.createKey({ Description: "leaving" }))
    const page = await open(around.server, `/keys/${KeyMetadata.KeyId}`)
    const held = Promise.withResolvers<void>()
    const isAsked = Promise.withResolvers<void>()
    await page.route("**/console/api/call", async (route) => {
      if (at(route.request().postDataJSON(), "operation") !== "ScheduleKeyDeletion") return route.continue()
      isAsked.resolve()
      await held.promise
      await route.continue()
    })
    await button(page, "Schedule deletion…").click()
    await button(page, "Delete anyway…").click()
    await page.getByLabel("Type the key's name to continue").fill(KeyMetadata.KeyId)
    await pressEnterOn(button(page, "Schedule deletion"))
    await isAsked.promise
    await button(page, "Keep the key").press("Enter")
    await page.getByText("The change is in progress.").waitFor()
    held.resolve()
    await page.getByRole("dialog").waitFor({ state: "detached" })
    await button(page, "Cancel deletion").waitFor()
  })

  it.each([
    ["cut off in the middle", { status: 200, body: '{"ok":tr' }],
    ["from a proxy", { status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }]
  ])("a dialog says that the server did not answer when the answer is %s, and repeats the call", async (_, answer) => {
    await using around = await served()
    const { kms, run } = around.server
    const { KeyMetadata } = await run(kms.createKey({}))
    const page = await open(around.server, `/keys/${KeyMetadata.KeyId}`)
    let answers = 1
    await page.route("**/console/api/call", (route) =>
      at(route.request().postDataJSON(), "operation") === "DisableKey" && answers-- > 0
        ? route.fulfill(answer)
        : route.continue()
    )
    await pressEnterOn(button(page, "Disable…"))
    await pressEnterOn(button(page, "Disable key"))
    await page.getByRole("dialog").getByText("The server did not answer.").waitFor()
    await expect.poll(() => focused(page)).toBe("Disable key")
    await pressEnter(page)
    await button(page, "Enable").waitFor()
    await expect.poll(() => focused(page)).toBe("Enable")
  })
})

describe("Import key material", () => {
  it("Import key material shows commands for the token's algorithm, and drops tokens of other algorithms", async () => {
    await using around = await served()
    const { kms, run } = around.server
    const { KeyMetadata } = await run(kms.createKey({ Origin: "EXTERNAL" }))
    const page = await open(around.server, `/keys/${KeyMetadata.KeyId}?tab=material`)
    await button(page, "Import key material…").click()
    await button(page, "Next").click()
    await page.getByText("rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256").waitFor()
    await button(page, "Back").click()
    await page.getByLabel("Wrapping algorithm").selectOption("RSAES_PKCS1_V1_5")
    await button(page, "I already have a token").click()
    expect(await page.getByRole("textbox", { name: "Import token", exact: true }).inputValue()).toBe("")
  })
})

describe("the focus", () => {
  const keysFor = async ({ kms, run }: RunningConsole) => {
    const make = async (request: Parameters<typeof kms.createKey>[0]) =>
      (await run(kms.createKey(request))).KeyMetadata.KeyId
    const plain = await make({ Description: "plain" })
    await run(kms.createAlias({ KeyId: plain, AliasName: "alias/plain" }))
    const leaving = await make({ Description: "leaving" })
    await run(kms.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 }))
    return { plain, leaving, external: await make({ Origin: "EXTERNAL" }) }
  }

  it("the focus returns to the button that opened a dialog, after Escape and Cancel", async () => {
    await using around = await served()
    const { plain, external } = await keysFor(around.server)
    const page = await open(around.server, "/keys")
    const returns = async (opener: string, leave: string): Promise<void> => {
      for (const close of ["Escape", leave]) {
        await button(page, opener).first().focus()
        await pressEnter(page)
        await page.getByRole("dialog").waitFor()
        if (close === "Escape") await page.keyboard.press("Escape")
        else await button(page, close).click()
        await page.getByRole("dialog").waitFor({ state: "detached" })
        await expect.poll(() => focused(page), { message: `${opener} closed by ${close}` }).toBe(opener)
      }
    }
    await returns("Create key", "Cancel")
    await page.goto(`${around.server.url}/console/keys/${plain}`)
    await returns("Disable…", "Leave it enabled")
    await returns("Schedule deletion…", "Keep the key")
    await page.goto(`${around.server.url}/console/keys/${external}?tab=material`)
    await returns("Import key material…", "Cancel")
  })

  it("the focus moves to a neighbour when the button that opened the dialog is gone", async () => {
    await using around = await served()
    const { plain } = await keysFor(around.server)
    const page = await open(around.server, `/keys/${plain}`)
    const inActions = () => page.evaluate("document.activeElement.closest('[aria-label=Actions]') !== null")
    await button(page, "Disable…").click()
    await button(page, "Disable key").click()
    await button(page, "Enable").waitFor()
    await expect.poll(() => focused(page)).toBe("Enable")
    await pressEnter(page)
    await button(page, "Disable…").waitFor()
    await expect.poll(() => focused(page)).toBe("Disable…")
    await button(page, "Schedule deletion…").click()
    await button(page, "Delete anyway…").click()
    await expect.poll(() => focused(page)).not.toBe("body")
    await page.getByLabel("Type the key's name to continue").fill("alias/plain")
    await button(page, "Schedule deletion").click()
    await button(page, "Cancel deletion").waitFor()
    await expect.poll(inActions).toBe(true)
    await page.goto(`${around.server.url}/console/keys/${plain}?tab=names`)
    await button(page, "Delete alias/plain").focus()
    await pressEnter(page)
    await button(page, "Delete alias/plain").waitFor({ state: "detached" })
    await expect.poll(() => focused(page)).not.toBe("body")
  })

  it("the focus stays in a dialog from step to step", async () => {
    await using around = await served()
    const { external } = await keysFor(around.server)
    const page = await open(around.server, `/keys/${external}?tab=material`)
    const inDialog = () => page.evaluate("document.activeElement.closest('dialog') !== null")
    await button(page, "Import key material…").click()
    await button(page, "Next").focus()
    await pressEnter(page)
    await button(page, "Download public key").waitFor()
    await expect.poll(inDialog).toBe(true)
    await button(page, "Next").focus()
    await pressEnter(page)
    await page.getByRole("textbox", { name: "Encrypted key material", exact: true }).waitFor()
    await expect.poll(inDialog).toBe(true)
  })
})
