/** The report as a page and as JUnit XML, read with a real browser and a real parser. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { SaxesParser } from "saxes"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import type { Report } from "../../src/conformance/report/report.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { junitXml } from "../../src/conformance/report/junit.ts"
import { issueText } from "../../src/conformance/report/issueText.ts"
import { comparisonPage } from "../../src/conformance/report/page/comparison.ts"
import { htmlPage } from "../../src/conformance/report/page/page.ts"
import { readReport } from "../../src/conformance/report/readReport.ts"
import { violationsIn } from "../accessibility.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"

const hostile = `</script><script>document.title="taken"</script><img src=x onerror="document.title='taken'">&"'`

/** Cancels as another vendor does, and has a name that contains markup. */
const lying = (inner: KmsAdapter): KmsAdapter => ({
  ...inner,
  name: hostile,
  call: async (operation, request, ...caller) => {
    const answer = await inner.call(operation, request, ...caller)
    if (operation === "CancelKeyDeletion" && answer.ok) await inner.call("DisableKey", request)
    return answer
  }
})

const place = mkdtempSync(join(tmpdir(), "keystate-page-"))
const file = join(place, "report.html")
/** The same report with fewer rows: accessibility checks are slow, and equal for every row. */
const short = join(place, "short.html")
let report: Report
let browser: Browser

const pages: Array<BrowserContext> = []
const open = async (
  look: { readonly dark?: boolean; readonly width?: number; readonly script?: boolean; readonly of?: string } = {}
): Promise<Page> => {
  const context = await browser.newContext({
    colorScheme: look.dark === true ? "dark" : "light",
    viewport: { width: look.width ?? 1200, height: 900 },
    javaScriptEnabled: look.script !== false
  })
  context.setDefaultTimeout(patience)
  pages.push(context)
  const page = await context.newPage()
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("request", (request) => asked.push(request.url()))
  await page.goto(`file://${look.of ?? file}`)
  return page
}
const complaints: Array<string> = []
const asked: Array<string> = []

beforeAll(async () => {
  report = await runConformance(lying(inProcess()), {
    seed: "page",
    runs: 4,
    profiles: ["core", "aliases"],
    phases: ["metamorphic", "exhaustive"]
  })
  const [first] = report.laws
  // Answers of a service appear in the report, and must not become markup of the page.
  report = {
    ...report,
    warnings: [...report.warnings, hostile],
    laws: report.laws.map((law) => (law === first ? { ...law, reason: hostile } : law))
  }
  writeFileSync(file, htmlPage(report))
  const cells = report.coverage.cells.filter((_cell, index) => index % 12 === 0)
  const laws = report.laws.filter((_law, index) => index % 12 === 0)
  const counterexamples = report.counterexamples.slice(0, 2)
  const skipped = report.skipped.slice(0, 2)
  const coverage = { ...report.coverage, cells }
  writeFileSync(short, htmlPage({ ...report, coverage, laws, counterexamples, skipped }))
  browser = await launchChromium()
})

afterAll(async () => {
  for (const context of pages) await context.close()
  await browser?.close()
  rmSync(place, { recursive: true, force: true })
})

describe("the page of a report", () => {
  it("the report page shows the verdict first, then warnings, then broken laws", async () => {
    const page = await open()
    const headings = await page.locator("h1, h2").allTextContents()
    expect(headings.slice(0, 3)).toEqual(["FAIL", "Warnings", `Broken laws: ${report.counterexamples.length}`])
    expect(await page.locator("#KMS-DEL-007 .steps > li").count()).toBe(4)
    expect(await page.locator("#KMS-DEL-007 .steps > li.broken").innerText()).toContain("✗ The key is Disabled")
  })

  it("the report page steps through a counterexample on the drawing, by keys and buttons", async () => {
    const page = await open()
    const walk = page.locator("#KMS-DEL-007 .walk")
    const state = () => walk.locator(".stage").getAttribute("data-state")
    const lit = () => walk.locator(".stage svg").first().getAttribute("aria-label")
    await walk.focus()
    await page.keyboard.press("Home")
    expect(await state()).toBe("Enabled")
    await page.keyboard.press("ArrowRight")
    expect(await state()).toBe("PendingDeletion")
    expect(await lit()).toBe("The lifecycle: the key is PendingDeletion.")
    expect(await walk.locator(".where").innerText()).toContain("Step 2 of 4")
    await walk.getByRole("button", { name: "Next step" }).click()
    expect(await walk.locator("[aria-current]").innerText()).toContain("CancelKeyDeletion")
    await page.keyboard.press("End")
    expect(await walk.getByRole("button", { name: "Last step" }).isDisabled()).toBe(true)
    expect(await walk.locator("[aria-current]").getAttribute("class")).toBe("broken")
  })

  it("the report page filters the laws by words and by outcome", async () => {
    const page = await open()
    await page.getByLabel("Outcome").selectOption("broken")
    const shown = page.locator(".laws tbody tr:not([hidden])")
    expect(await shown.count()).toBe(report.laws.filter(({ status }) => status === "broken").length)
    await page.getByLabel("Filter").fill("KMS-DEL-007")
    expect(await shown.count()).toBe(1)
    expect(await page.locator(".filters [aria-live]").innerText()).toBe(`1 of ${report.laws.length} laws`)
  })

  it("the report page shows each outcome of a cell in words, not in colour alone", async () => {
    const page = await open()
    const cells = await page.locator(".map td:not(:empty)").allInnerTexts()
    expect(cells.length).toBe(report.coverage.cells.length)
    const words = await page.locator(".map td .away").allTextContents()
    for (const text of words) expect(text).toMatch(/^(right|wrong|only accepted|not defined|not reached)/)
  })

  it("the report page is readable without scripts, and needs no network", async () => {
    asked.length = 0
    const page = await open({ script: false })
    expect(await page.locator("#KMS-DEL-007 .steps > li").count()).toBe(4)
    expect(await page.locator(".buttons").first().isVisible()).toBe(false)
    await open()
    expect(asked.filter((url) => !url.startsWith("file://"))).toEqual([])
  })

  it.for([
    [false, 1200],
    [true, 1200],
    [false, 320],
    [true, 320]
  ] as const)("the report page is accessible and fits: dark %s, %s px wide", async ([dark, width]) => {
    const page = await open({ dark, width })
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width)
    // Accessibility is checked once in each colour scheme: the rules are the same at every width.
    if (dark === (width === 320)) return
    expect(await violationsIn(await open({ dark, width, of: short }))).toEqual([])
  })

  it("the report page shows hostile text as text, and runs only its own script", async () => {
    const page = await open()
    expect(await page.title()).toBe(`FAIL: ${hostile}`)
    expect(await page.locator(".warnings li").last().innerText()).toBe(hostile)
    expect(await page.locator("img").count()).toBe(0)
    expect(await page.locator("script").count()).toBe(1)
    expect(complaints).toEqual([])
  })
})

const parsed = (xml: string): ReadonlyArray<readonly [string, Readonly<Record<string, string>>]> => {
  const found: Array<readonly [string, Readonly<Record<string, string>>]> = []
  const parser = new SaxesParser()
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", ({ name, attributes }) => found.push([name, attributes as Record<string, string>]))
  parser.write(xml).close()
  return found
}

describe("the report as JUnit XML", () => {
  it("the JUnit report has a case for each law, and counts the failures", () => {
    const tags = parsed(junitXml(report))
    const broken = report.laws.filter(({ status }) => status === "broken").length
    expect(tags[0]?.[1]).toMatchObject({ tests: String(report.laws.length), failures: String(broken), errors: "0" })
    expect(tags[0]?.[1]["name"]).toContain(hostile)
    expect(tags.filter(([name]) => name === "testcase").length).toBe(report.laws.length)
    expect(tags.filter(([name]) => name === "failure").length).toBe(broken)
    expect(broken).toBeGreaterThan(0)
  })

  it("the JUnit report shows a failed adapter as an error", () => {
    const tags = parsed(junitXml({ ...report, verdict: "error", exitCode: 2, error: "it went away\u0000" }))
    expect(tags[0]?.[1]["errors"]).toBe("1")
    expect(tags.find(([name]) => name === "error")?.[1]["message"]).toContain("it went away")
  })

  it("the JUnit report skips known laws, and fails for known laws that hold again", () => {
    const [first, second] = report.laws
    const laws = [
      { ...first, status: "known" },
      { ...second, status: "fixed" }
    ] as Report["laws"]
    expect(parsed(junitXml({ ...report, laws }))[0]?.[1]).toMatchObject({ tests: "2", failures: "1", skipped: "1" })
  })
})

describe("the page that compares services", () => {
  const both = () => {
    const lies = readReport(JSON.stringify(report))
    const sound = {
      ...lies,
      adapter: { ...lies.adapter, name: "sound" },
      verdict: "pass" as const,
      counterexamples: [],
      laws: lies.laws.map((law) => ({ ...law, status: "passed" as const }))
    }
    return comparisonPage([sound, lies])
  }
  const compared = join(place, "compared.html")
  beforeAll(() => writeFileSync(compared, both()))

  it("the comparison page shows a law that one service breaks, with a link to its counterexample", async () => {
    const page = await open({ of: compared })
    const row = page.locator("main section tr").filter({ hasText: "KMS-DEL-007" }).first()
    expect((await row.locator("td").allInnerTexts()).slice(1)).toEqual(["● held", "✗ broken"])
    await row.getByRole("link").click()
    await expect.poll(() => page.url()).toMatch(/#s2-KMS-DEL-007$/)
    expect(await page.locator("#s2-KMS-DEL-007 pre").innerText()).toContain("✗ The key is Disabled")
  })

  it("the comparison page shows hostile text as text, and fits 320 pixels without network", async () => {
    const before = [asked.length, complaints.length]
    const page = await open({ of: compared, width: 320, dark: true })
    expect(await page.title()).toContain(hostile)
    expect(await page.locator("script, img").count()).toBe(0)
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320)
    expect([asked.length, complaints.length]).toEqual([(before[0] ?? 0) + 1, before[1]])
  })

  it("readReport refuses a file that is not a report", () => {
    expect(() => readReport("{}")).toThrow()
    expect(() => readReport(JSON.stringify({ ...report, laws: [{ id: 1 }] }))).toThrow()
    expect(() => readReport(JSON.stringify({ ...report, verdict: "fine" }))).toThrow()
  })
})

describe("a broken law as an issue", () => {
  const issue = (more: Partial<Report> = {}): string =>
    issueText(readReport(JSON.stringify({ ...report, ...more })), "KMS-DEL-007") ?? ""

  it("an issue has the steps with their requests, the expectation, the observation and the source", () => {
    const text = issue()
    expect(text).toMatch(/^# CancelKeyDeletion cancels the deletion/)
    expect(text).toMatch(
      /### Step 3: CancelKeyDeletion k1\n\n```json\n\{\n {2}"KeyId": "[0-9a-f-]{36}"\n\}\n```\n\nAnswer: success\./
    )
    expect(text).toMatch(/## Expected\n\n```\nSuccess, with a reply that keeps this rule/)
    expect(text).toMatch(
      /## Seen\n\n```\nThe key is Disabled; it should be Enabled\.\n```\n\n```json\n\{\n {2}"KeyMetadata"/
    )
    expect(text).toContain("User guide, 1, Schedule key deletion")
  })

  it("an issue keeps text of the service inside its blocks", () => {
    const counterexamples = report.counterexamples.map((found) => ({
      ...found,
      finding: "```\n# taken",
      sentence: "@everyone <img src=x> `code`"
    }))
    const text = issue({ counterexamples })
    expect(text).toContain("````\n```\n# taken\n````")
    expect(text).toMatch(/^# \\@everyone &lt;img src=x> \\`code\\`\n/)
  })

  it("issueText writes no issue for a law without a counterexample", () => {
    expect(issueText(readReport(JSON.stringify(report)), "KMS-LC-001")).toBeUndefined()
  })
})
