/** The console's files over HTTP: their headers, and that no other file of the disk is served. */
import { describe, expect, it } from "vitest"
import { requestBytesMax } from "../../src/wire/requestLimits.ts"
import { at, own, send, startConsole } from "./startConsole.ts"

const html = { accept: "text/html,application/xhtml+xml" }

describe("the console's files", () => {
  it("the console's files have a policy against inline code, foreign sources and frames", async () => {
    await using server = await startConsole()
    for (const path of ["/console/", "/console/keys/x", "/console/api/session"]) {
      const { headers } = await send(server.url, path, { headers: own })
      const policy = String(headers["content-security-policy"])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|http:|https:|\*/)
      expect(headers["x-content-type-options"]).toBe("nosniff")
      expect(headers["x-frame-options"]).toBe("DENY")
      expect(headers["referrer-policy"]).toBe("no-referrer")
      expect(headers["access-control-allow-origin"]).toBeUndefined()
    }
  })

  it("browsers may cache only console files that are named by their content", async () => {
    await using server = await startConsole()
    const page = await send(server.url, "/console/")
    expect(page.headers["cache-control"]).toBe("no-store")
    expect(page.text).not.toMatch(/<script(?![^>]*src=)|<style|\son[a-z]+=/)
    const [, script = ""] = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page.text) ?? []
    const asset = await send(server.url, script)
    expect(asset.status).toBe(200)
    expect(asset.headers["content-type"]).toBe("text/javascript;charset=utf-8")
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable")
  })

  it("no path under /console leads to another file on the disk", async () => {
    await using server = await startConsole()
    const page = await send(server.url, "/console/")
    const paths = [
      "/console/../package.json",
      "/console/..%2f..%2fpackage.json",
      "/console/%2e%2e/%2e%2e/package.json",
      "/console/....//package.json",
      "/console//etc/passwd",
      "/console/\\..\\..\\package.json",
      "/console/index.html%00.js"
    ]
    for (const path of paths) expect((await send(server.url, path)).text, path).toBe(page.text)
    expect((await send(server.url, "/console/assets/../../../package.json")).status).toBe(404)
    expect((await send(server.url, "/console/assets/none.js")).status).toBe(404)
  })

  it("the console's files are read-only", async () => {
    await using server = await startConsole()
    expect((await send(server.url, "/console/", { method: "POST" })).status).toBe(405)
    expect((await send(server.url, "/console/api/nothing", { headers: own })).status).toBe(401)
    const { cookie } = await server.page()
    expect((await send(server.url, "/console/api/nothing", { headers: { ...own, cookie } })).status).toBe(404)
  })
})

describe("the server's root path", () => {
  it("the server redirects a browser that opens / to the console, and no other client", async () => {
    await using server = await startConsole()
    const opened = await send(server.url, "/", { headers: html })
    expect([opened.status, opened.headers["location"]]).toEqual([302, "/console/"])
    for (const asked of [
      { path: "/", headers: {} },
      { path: "/?Action=ListKeys", headers: html },
      { path: "/?", headers: html }
    ]) {
      const { headers, status, text } = await send(server.url, asked.path, { headers: asked.headers })
      expect(status).toBe(400)
      expect(at(JSON.parse(text), "RequestId")).toBe(headers["x-acs-request-id"])
    }
    const posted = await send(server.url, "/", { method: "POST", headers: html })
    expect(posted.status).toBe(400)
  })
})

describe("bodies of console requests", () => {
  it("the console API refuses a body that is too large, is not JSON, or is no call", async () => {
    await using server = await startConsole()
    const { cookie } = await server.page()
    const asked = (body: object) =>
      send(server.url, "/console/api/call", { method: "POST", headers: { ...own, cookie }, body })
    expect(
      (await asked({ operation: "CreateKey", parameters: { Description: "x".repeat(requestBytesMax) } })).status
    ).toBe(413)
    expect((await asked([1])).status).toBe(400)
    expect((await asked({ operation: "CreateKey" })).status).toBe(400)
    const unknown = await asked({ operation: "constructor", parameters: {} })
    expect(at(JSON.parse(unknown.text), "refusal", "code")).toBe("InvalidAction.NotFound")
  })

  it("the console API returns a body with markup unchanged", async () => {
    await using server = await startConsole()
    const page = await server.page()
    const Description = `<img src=x onerror=alert(1)> "' </script>`
    const keyId = String(at(await page.call("CreateKey", { Description }), "reply", "KeyMetadata", "KeyId"))
    expect(at(await page.get(`/key?id=${keyId}`), "reply", "description")).toBe(Description)
  })
})
