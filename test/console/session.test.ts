/** Sign-in to the console, what may act through a session, and what each session is told. */
import { describe, expect, it } from "vitest"
import { accessKeyId, at, own, secret, send, startConsole } from "./startConsole.ts"

const wrong = { accessKeyId, accessKeySecret: "another" }

describe("sign-in", () => {
  it("sign-in accepts an access key pair, and sets a cookie that scripts cannot read", async () => {
    await using server = await startConsole()
    const { headers, status, text } = await server.signIn()
    expect(status).toBe(200)
    expect(at(JSON.parse(text), "reply", "principal")).toMatch(/^acs:ram::\d+:root$/)
    const [cookie = ""] = headers["set-cookie"] ?? []
    expect(cookie).toMatch(/^keystate_\d+=[A-Za-z0-9_-]{43}; Path=\/console; HttpOnly; SameSite=Strict$/)
  })

  it("sign-in accepts the one-time token once", async () => {
    await using server = await startConsole()
    const token = await server.token()
    expect((await server.signIn({ token })).status).toBe(200)
    expect((await server.signIn({ token })).status).toBe(401)
  })

  it("sign-in answers an unknown id and a wrong secret alike", async () => {
    await using server = await startConsole()
    const unknown = await server.signIn({ accessKeyId: "nobody", accessKeySecret: secret })
    const mistaken = await server.signIn(wrong)
    expect(unknown.status).toBe(401)
    expect(mistaken.text).toBe(unknown.text)
    expect(mistaken.headers["set-cookie"]).toBeUndefined()
  })

  it("sign-in refuses a right secret after ten wrong ones", async () => {
    await using server = await startConsole()
    for (let count = 0; count < 10; count++) expect((await server.signIn(wrong)).status).toBe(401)
    expect((await server.signIn(wrong)).status).toBe(429)
    expect((await server.signIn()).status).toBe(429)
  })

  it("the audit log records each sign-in, without the secret", async () => {
    await using server = await startConsole()
    await server.signIn(wrong)
    const page = await server.page()
    const log = JSON.stringify(await page.call("ListAuditRecords", { Limit: "100" }))
    expect(log).toContain("ConsoleSignIn")
    expect(log).toContain("WrongAccessKey")
    expect(log).not.toContain(secret)
    expect(log).not.toContain("another")
  })

  it("a session ends with sign-out, and with its access key", async () => {
    await using server = await startConsole()
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "alice" })
    const pair = await root.ram("CreateAccessKey", { UserName: "alice" })
    const id = String(at(pair, "reply", "AccessKey", "AccessKeyId"))
    const alice = await server.page({
      accessKeyId: id,
      accessKeySecret: String(at(pair, "reply", "AccessKey", "AccessKeySecret"))
    })
    expect(at(await alice.get("/session"), "reply", "principal")).toMatch(/:user\/alice$/)
    await root.call("UpdateAccessKey", { UserName: "alice", UserAccessKeyId: id, Status: "Inactive" })
    expect(at(await alice.get("/session"), "ok")).toBe(false)
    await send(server.url, "/console/api/session", { method: "DELETE", headers: { ...own, cookie: root.cookie } })
    expect(at(await root.get("/session"), "ok")).toBe(false)
    expect(at(await root.call("ListKeys"), "code")).toBe("NotSignedIn")
  })
})

describe("a page of another origin", () => {
  it("the console API refuses requests from another origin or without its header", async () => {
    await using server = await startConsole()
    const { cookie, call } = await server.page()
    const body = { operation: "CreateKey", parameters: {} }
    const asked = (headers: Readonly<Record<string, string>>) =>
      send(server.url, "/console/api/call", { method: "POST", headers: { cookie, ...headers }, body })
    expect((await asked({})).status).toBe(403)
    expect((await asked({ ...own, origin: "http://evil.example" })).status).toBe(403)
    expect((await asked({ ...own, origin: "null" })).status).toBe(403)
    expect((await asked({ ...own, "sec-fetch-site": "cross-site" })).status).toBe(403)
    expect((await asked({ ...own, "sec-fetch-site": "same-site" })).status).toBe(403)
    expect(at(await call("ListKeys"), "reply", "TotalCount")).toBe(0)
    expect((await asked({ ...own, origin: server.url })).status).toBe(200)
    expect(at(await call("ListKeys"), "reply", "TotalCount")).toBe(1)
  })

  it("the console API refuses a foreign DNS name that points to the server", async () => {
    await using server = await startConsole()
    const { cookie } = await server.page()
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8787"]) {
      const answered = await send(server.url, "/console/api/session", { headers: { ...own, cookie, host } })
      expect(answered.status).toBe(421)
    }
    const named = await send(server.url, "/console/api/session", { headers: { ...own, cookie, host: "localhost:1" } })
    expect(named.status).toBe(200)
  })
})

describe("a signed-in user", () => {
  it("the console refuses every call of a signed-in user that the API refuses", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    await root.ram("CreateUser", { UserName: "bob" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "bob" }), "reply", "AccessKey")
    const bob = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const refusals = [
      await bob.call("DescribeKey", { KeyId: keyId }),
      await bob.get(`/history?id=${keyId}`),
      await bob.get(`/allowed?id=${keyId}`)
    ]
    for (const refused of refusals) expect(at(refused, "refusal", "code")).toBe("Forbidden.NoPermission")
    expect(at(await bob.get("/keys"), "refusal", "code")).toBe("Forbidden.NoPermission")
    expect(at(await bob.get("/summary"), "refusal", "code")).toBe("Forbidden.NoPermission")
    expect(at(await bob.get(`/key?id=${keyId}`), "reply", "refused", "code")).toBe("Forbidden.NoPermission")

    await root.ram("CreatePolicy", {
      PolicyName: "list",
      PolicyDocument: JSON.stringify({
        Version: "1",
        Statement: [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }]
      })
    })
    await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "list", UserName: "bob" })
    const listed = at(await bob.get("/keys"), "reply", "rows", 0)
    expect(at(listed, "keyId")).toBe(keyId)
    expect(at(listed, "refused", "code")).toBe("Forbidden.NoPermission")
    expect(at(listed, "description")).toBe("")
  })

  it("a user asks only about own permissions, and the root about others", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    await root.ram("CreateUser", { UserName: "carol" })
    const document = (action: string) =>
      JSON.stringify({ Version: "1", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] })
    await root.ram("CreatePolicy", { PolicyName: "describe", PolicyDocument: document("kms:DescribeKey") })
    await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "describe", UserName: "carol" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "carol" }), "reply", "AccessKey")
    const carol = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const allowed = JSON.stringify(await carol.get(`/allowed?id=${keyId}`))
    expect(allowed).toContain('{"operation":"DescribeKey","allowed":true')
    expect(allowed).toContain(
      '{"operation":"Encrypt","allowed":false,"decision":"policy","code":"Forbidden.NoPermission"'
    )
    expect(at(await carol.get(`/allowed?id=${keyId}&as=root`), "refusal", "code")).toBe("Forbidden.NoPermission")
    expect(at(await root.get(`/allowed?id=${keyId}&as=carol`), "reply", "principal")).toMatch(/:user\/carol$/)
  })
})
