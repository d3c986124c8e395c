/** The console answers an account about keys of another account as about keys that do not exist. */
import { expect, it } from "vitest"
import { at, startConsole } from "./startConsole.ts"

const mark = "zqx-elsewhere"
const nowhere = "00000000-0000-4000-8000-000000000000"

const withoutIds = (answer: unknown): string =>
  JSON.stringify(answer)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/"(?:now|expiresAt)":\d+/g, '"<time>"')

it("the console treats another account's keys like keys that do not exist", async () => {
  await using server = await startConsole({ clock: "virtual" })
  const root = await server.page()
  const made = at(await root.call("CreateKey", { Description: mark }), "reply", "KeyMetadata")
  const keyId = String(at(made, "KeyId"))
  await root.call("CreateAlias", { AliasName: `alias/${mark}`, KeyId: keyId })
  await root.call("CreateUser", { UserName: mark })
  await root.call("ScheduleKeyDeletion", { KeyId: keyId, PendingWindowInDays: "7" })
  const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
  const neighbour = await server.page({
    accessKeyId: String(at(pair, "AccessKeyId")),
    accessKeySecret: String(at(pair, "AccessKeySecret"))
  })
  const routes = ["/key?id=", "/history?id=", "/allowed?id=", `/allowed?as=user/${mark}&id=`]
  const ids = [keyId, String(at(made, "Arn")), `alias/${mark}`]
  const unknown = [nowhere, String(at(made, "Arn")).replace(keyId, nowhere), "alias/nowhere"]
  for (const route of routes) {
    for (const [index, id] of ids.entries()) {
      const foreign = withoutIds(await neighbour.get(route + encodeURIComponent(id)))
      const missing = withoutIds(await neighbour.get(route + encodeURIComponent(unknown[index] ?? "")))
      expect([route, id, foreign.replaceAll(mark, "nowhere")]).toEqual([route, id, missing.replaceAll(mark, "nowhere")])
    }
  }
  for (const route of [
    "/session",
    "/snapshot",
    "/summary",
    "/keys",
    `/keys?q=${mark}`,
    `/alias?id=alias/${mark}`,
    "/clock"
  ]) {
    const answer = JSON.stringify(await neighbour.get(route))
    expect(answer).not.toContain(mark)
    expect(answer).not.toContain(keyId)
  }
  const calls: Readonly<Record<string, object>> = {
    ShowClock: {},
    AdvanceClock: { By: "8d" },
    ListKeys: {},
    ListAliases: {},
    ListUsers: {},
    ListAccounts: {},
    ListRoles: {},
    ListAuditRecords: { AllAccounts: "true" }
  }
  for (const [operation, parameters] of Object.entries(calls)) {
    const answer = JSON.stringify(await neighbour.call(operation, parameters))
    expect(answer, operation).not.toContain(mark)
    expect(answer, operation).not.toContain(keyId)
  }
})
