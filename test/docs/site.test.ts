/** The site of the documentation: every link works, every page is in the menu, and the server sends safe headers. */
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pageOf, root, siteHref } from "../../docs/.vitepress/links.ts"
import { sidebar } from "../../docs/.vitepress/sidebar.ts"
import { makeDocsSite } from "../../src/console/server/docsSite.ts"
import { compressSite } from "../../src/development/compressSite.ts"

const sources = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .map((name) => `docs/${name}`)
    .filter((name) => name.endsWith(".md") && !name.startsWith("docs/examples/"))
]

const linksOf = (source: string): ReadonlyArray<string> =>
  [
    ...readFileSync(join(root, source), "utf8")
      .replaceAll(/^```[\s\S]*?^```|`[^`\n]+`/gm, "")
      .matchAll(/\]\(([^)\s]+)\)/g)
  ].map(([, href = ""]) => href)

describe("a page of the documentation", () => {
  it("pages of the documentation link only to pages and files that exist", () => {
    expect(sources.length).toBeGreaterThan(60)
    for (const source of sources) for (const href of linksOf(source)) expect(() => siteHref(source, href)).not.toThrow()
  })

  it("a page links to other pages by their site address, and to files by their repository address", () => {
    expect(siteHref("docs/how-to/hsm.md", "../time.md#jumps")).toBe("/time.md#jumps")
    expect(siteHref("docs/time.md", "../README.md")).toBe("/index.md")
    expect(siteHref("docs/rotation.md", "examples/disk.ts")).toMatch(/^https:.*\/blob\/main\/docs\/examples\/disk\.ts$/)
    expect(() => siteHref("docs/time.md", "absent.md")).toThrow("docs/time.md links to absent.md, which does not exist")
  })

  it("the menu lists every page of the documentation except the decision records and the laws", () => {
    const listed = sidebar.flatMap(({ items }) => items.map(({ link }) => link))
    const pages = sources
      .map((source) => `/${pageOf(source)}`.replace(/(?:index)?\.md$/, ""))
      .filter((page) => !/^\/decisions\/\d|^\/laws\//.test(page))
    expect(listed.toSorted()).toEqual(pages.toSorted())
  })
})

describe("the server's /docs/", () => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-docs-"))
  const script = "document.title = 1"
  let isRight = true
  const site = makeDocsSite([folder])
  const server = createServer((request, response) => {
    const isHandled = site.handle(request, response, () => {
      if (!isRight) response.writeHead(421).end()
      return isRight
    })
    if (!isHandled) response.writeHead(418).end()
  })
  const get = (path: string, method = "GET") => {
    const address = server.address()
    const port = typeof address === "object" ? address?.port : 0
    return fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual" })
  }

  beforeAll(async () => {
    mkdirSync(join(folder, "assets"))
    writeFileSync(
      join(folder, "index.html"),
      `<script id="x">${script}</script><script src="/docs/assets/a.js"></script>`
    )
    writeFileSync(join(folder, "404.html"), "absent")
    writeFileSync(join(folder, "assets", "a.js"), "1")
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it("the server sends pages under /docs/ with a policy that allows only their own script", async () => {
    const { headers, status } = await get("/docs/")
    const hash = createHash("sha256").update(script).digest("base64")
    expect(status).toBe(200)
    expect(headers.get("content-security-policy")).toContain(`script-src 'self' 'sha256-${hash}';`)
    expect(headers.get("content-security-policy")).toContain("default-src 'none'")
  })

  it("browsers may cache only files under /docs/ that are named by their content", async () => {
    expect((await get("/docs/assets/a.js")).headers.get("cache-control")).toContain("immutable")
    expect((await get("/docs/index.html")).headers.get("cache-control")).toBe("no-cache")
  })

  it("the server answers 404 for an absent page and for a path outside /docs/", async () => {
    for (const path of ["/docs/absent.html", "/docs/..%2fsecret", "/docs/assets/"]) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
  })

  it("/docs redirects to the first page, refuses other methods, and leaves other paths alone", async () => {
    expect((await get("/docs")).headers.get("location")).toBe("/docs/")
    expect((await get("/docs/", "POST")).status).toBe(405)
    expect((await get("/docsx")).status).toBe(418)
  })

  it("the server refuses a request for /docs/ under a foreign host name", async () => {
    isRight = false
    expect((await get("/docs/")).status).toBe(421)
    isRight = true
  })

  it("the server sends a packed page unchanged, and unpacked to a client that does not take gzip", async () => {
    const packed = mkdtempSync(join(tmpdir(), "keystate-packed-"))
    const text = `<script>${script}</script>${"the same words ".repeat(500)}`
    mkdirSync(join(packed, "assets"))
    writeFileSync(join(packed, "index.html"), text)
    writeFileSync(join(packed, "404.html"), "absent")
    writeFileSync(join(packed, "assets", "a.js"), "1")
    writeFileSync(join(packed, "assets", "a.png"), "picture")
    compressSite(packed)
    expect(readdirSync(packed).toSorted()).toEqual(["404.html.gz", "assets", "index.html.gz"])
    const packedSite = makeDocsSite([packed])
    const packedServer = createServer((request, response) => void packedSite.handle(request, response, () => true))
    await new Promise<void>((resolve) => packedServer.listen(0, "127.0.0.1", resolve))
    const address = packedServer.address()
    const port = typeof address === "object" ? address?.port : 0
    const ask = async (path: string, encoding: string) => {
      const answered = await fetch(`http://127.0.0.1:${port}/docs/${path}`, {
        headers: { "accept-encoding": encoding }
      })
      return { status: answered.status, headers: answered.headers, text: await answered.text() }
    }
    const hash = createHash("sha256").update(script).digest("base64")
    for (const [encoding, isPacked] of [
      ["gzip, br", true],
      ["br;q=1, GZIP;q=0.5", true],
      ["identity", false],
      ["gzip;q=0", false],
      ["gzip;q=0.0, br", false]
    ] as const) {
      const page = await ask("", encoding)
      expect([page.status, page.text]).toEqual([200, text])
      expect(page.headers.get("content-encoding")).toBe(isPacked ? "gzip" : null)
      expect(page.headers.get("vary")).toBe("accept-encoding")
      expect(page.headers.get("content-security-policy")).toContain(`'sha256-${hash}'`)
    }
    expect((await ask("assets/a.js", "gzip")).text).toBe("1")
    expect((await ask("assets/a.png", "gzip")).headers.get("content-encoding")).toBeNull()
    expect(await ask("none", "gzip")).toMatchObject({ status: 404, text: "absent" })
    expect((await ask("index.html.gz", "gzip")).status).toBe(404)
    packedServer.close()
    rmSync(packed, { recursive: true })
  })

  it("the server says how to build the documentation where the pages are not built", async () => {
    const missing = makeDocsSite([])
    const answered: Array<unknown> = []
    const response = { destroyed: false, writeHead: () => response, end: (text: string) => void answered.push(text) }
    expect(
      missing.handle(
        Object.assign(Object.create(null), { url: "/docs/", method: "GET" }),
        Object.assign(Object.create(null), response),
        () => true
      )
    ).toBe(true)
    expect(String(answered[0])).toContain("npm run docs:build")
  })
})
