/** Sessions, one-time tokens and blocks are in the store: every server has them, and a restart keeps them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { postgresForTests } from "../store/postgres/server.ts"
import { rootKey, sharedStores } from "./sharedStores.ts"
import { accessKeyId, at, own, secret, send, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

const wrong = { accessKeyId, accessKeySecret: "another" }

const server = postgresForTests()

const isSignedIn = async (page: Page): Promise<boolean> => at(await page.get("/session"), "ok") === true

const signOut = (of: RunningConsole, { cookie }: Page) =>
  send(of.url, "/console/api/session", { method: "DELETE", headers: { ...own, cookie } })

const userPair = async (root: Page, UserName: string) => {
  await root.ram("CreateUser", { UserName })
  const pair = at(await root.ram("CreateAccessKey", { UserName }), "reply", "AccessKey")
  return { accessKeyId: String(at(pair, "AccessKeyId")), accessKeySecret: String(at(pair, "AccessKeySecret")) }
}

describe.each(sharedStores(server))("two servers on %s", (_name, makeStore) => {
  it("two servers accept each other's sessions, and end them together", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const page = await one.page()
    const there = other.pageWith(page.cookie)
    expect(await isSignedIn(there)).toBe(true)
    expect(at(await there.call("CreateKey"), "ok")).toBe(true)
    expect((await signOut(other, there)).status).toBe(200)
    expect(await isSignedIn(page)).toBe(false)
    expect(at(await page.call("ListKeys"), "code")).toBe("NotSignedIn")
  })

  it("disabling an access key on one server ends its session on both", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const root = await one.page()
    const pair = await userPair(root, "alice")
    const alice = await other.page(pair)
    expect(await isSignedIn(alice)).toBe(true)
    const off = { UserName: "alice", UserAccessKeyId: pair.accessKeyId, Status: "Inactive" }
    expect(at(await root.ram("UpdateAccessKey", off), "ok")).toBe(true)
    expect(await isSignedIn(alice)).toBe(false)
  })

  it("several servers accept a one-time token once", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const token = await one.token()
    const tried = await Promise.all([one.signIn({ token }), other.signIn({ token }), other.signIn({ token })])
    expect(tried.map(({ status }) => status).toSorted()).toEqual([200, 401, 401])
  })

  it("two servers count wrong secrets together", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const guess = (count: number) => (count % 2 === 0 ? one : other).signIn(wrong)
    const tried = await Promise.all(Array.from({ length: 14 }, (_, count) => guess(count)))
    expect(tried.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(tried.filter(({ status }) => status === 429)).toHaveLength(4)
    expect((await one.signIn()).status).toBe(429)
    expect((await other.signIn()).status).toBe(429)
  })

  it("the store contains no secret of a session", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    const token = await one.token()
    const { cookie } = await one.page()
    await one.signIn(wrong)
    const rows = await Promise.all(
      ["sessions", "tokens", "attempts"].flatMap((name) =>
        Array.from({ length: 64 }, (_, place) => one.run(one.store.meta(`console.${name}.${place}`)))
      )
    )
    const kept = rows.filter((row) => row !== undefined && row !== "[]")
    expect(kept).toHaveLength(3)
    for (const known of [token, cookie.split("=")[1] ?? "", secret, "another"]) {
      expect(kept.join("\n")).not.toContain(known)
    }
  })
})

describe("a server that is started again on SQLite", () => {
  const home = mkdtempSync(join(tmpdir(), "keystate-console-"))
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it("a restarted server keeps sessions, tokens and blocks, and forgets a signed-out session", async () => {
    const store = { directory: join(home, "restarted") }
    const before = await startConsole({ store })
    const page = await before.page()
    const leaving = await before.page()
    const token = await before.token()
    await signOut(before, leaving)
    for (let count = 0; count < 10; count++) await before.signIn(wrong)
    await before.stop()
    await using after = await startConsole({ store })
    expect(await isSignedIn(after.pageWith(page.cookie))).toBe(true)
    expect(await isSignedIn(after.pageWith(leaving.cookie))).toBe(false)
    expect((await after.signIn({ token })).status).toBe(200)
    expect((await after.signIn()).status).toBe(429)
  })

  it("a restart with another root access key ends every earlier session", async () => {
    const store = { directory: join(home, "other-root") }
    const before = await startConsole({ store })
    const pages = [await before.page({ token: await before.token() }), await before.page()]
    expect(await Promise.all(pages.map(isSignedIn))).toEqual([true, true])
    await before.stop()
    await using after = await startConsole({ store, rootSecret: "another" })
    const there = pages.map(({ cookie }) => after.pageWith(cookie))
    expect(await Promise.all(there.map(isSignedIn))).toEqual([false, false])
  })
})
