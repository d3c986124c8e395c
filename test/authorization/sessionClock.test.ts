/** Temporary credentials that expire by the lifecycle clock, if the setting says so. */
import { afterEach, describe, expect, it } from "vitest"
import { allow, arn, at, document, root, startService } from "./people.ts"
import type { Credentials, Service } from "./people.ts"

let service: Service
afterEach(() => service[Symbol.asyncDispose]())

const assumed = async (): Promise<{ who: Required<Credentials>; expiration: string }> => {
  await service.ask(root, "CreateRole", { RoleName: "worker" })
  const PolicyDocument = document(allow(["kms:ListKeys"], arn("*")))
  await service.ram(root, "CreatePolicy", { PolicyName: "worker-policy", PolicyDocument })
  await service.ask(root, "AttachPolicyToRole", { RoleName: "worker", PolicyName: "worker-policy" })
  const session = { RoleName: "worker", RoleSessionName: "night-shift", DurationSeconds: "900" }
  const { body } = await service.ask(root, "AssumeRole", session)
  const part = (name: string): string => at(body, "Credentials", name)
  const who = {
    accessKeyId: part("AccessKeyId"),
    secret: part("AccessKeySecret"),
    securityToken: part("SecurityToken")
  }
  return { who, expiration: part("Expiration") }
}

const listed = async (who: Credentials): Promise<string> => (await service.ask(who, "ListKeys", {})).code

describe("temporary credentials on a virtual clock", () => {
  it("temporary credentials expire by the virtual clock with the setting lifecycle", async () => {
    service = await startService({ clock: "virtual", stsClock: "lifecycle" })
    const { who, expiration } = await assumed()
    // The lifecycle clock starts at the beginning of 2026.
    expect(expiration).toBe("2026-01-01T00:15:00Z")
    expect(await listed(who)).toBe("ok")
    await service.ask(root, "AdvanceClock", { By: "899s" })
    expect(await listed(who)).toBe("ok")
    await service.ask(root, "AdvanceClock", { By: "1s" })
    expect(await listed(who)).toBe("InvalidSecurityToken.Expired")
  })

  it("temporary credentials expire in real time without the setting lifecycle", async () => {
    service = await startService({ clock: "virtual" })
    const { who, expiration } = await assumed()
    expect(Date.parse(expiration)).toBeGreaterThan(Date.now())
    await service.ask(root, "AdvanceClock", { By: "9d" })
    expect(await listed(who)).toBe("ok")
  })
})
