/** A waiting change of RAM is refused if its permission was revoked before its turn. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { allow, root, startService } from "../authorization/people.ts"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-ram-revocation-"))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it("a waiting change of RAM is refused after its permission was revoked", async () => {
  await using service = await startService({ store: { directory } })
  const admin = await service.user("racing", allow("ram:CreateGroup", "*"))
  const count = async (): Promise<number> =>
    ((await service.ram(root, "ListGroups", { MaxItems: "1000" })).text.match(/"GroupName":"racing-/g) ?? []).length
  const create = (number: number) => service.ram(admin, "CreateGroup", { GroupName: `racing-${number}` })
  const before = Array.from({ length: 20 }, (_, number) => create(number))
  const policy = { UserName: "racing", PolicyType: "Custom", PolicyName: "racing-policy" }
  const detached = service.ram(root, "DetachPolicyFromUser", policy)
  const after = Array.from({ length: 40 }, (_, number) => create(20 + number))
  expect((await detached).code).toBe("ok")
  const atAnswer = await count()
  const codes = (await Promise.all([...before, ...after])).map(({ code }) => code)
  expect(await count()).toBe(atAnswer)
  expect(codes.filter((code) => code === "ok")).toHaveLength(atAnswer)
  expect(new Set(codes)).toEqual(new Set(["ok", "NoPermission"]))
})
