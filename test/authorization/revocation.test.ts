/** A revocation holds for every later call while others are in progress, also through an alias. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { allow, arn, deny, document, root, startService } from "./people.ts"
import type { Parameters, Service } from "./people.ts"

const Plaintext = "aGVsbG8="

const directory = mkdtempSync(join(tmpdir(), "keystate-revocation-"))
let service: Service
let mine: string
let other: string
beforeAll(async () => {
  service = await startService({ store: { directory } })
  mine = await service.newKey()
  other = await service.newKey()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

describe("an alias that moves during its use", () => {
  it("an alias that moves during Encrypt never leads a user to a key without permission", async () => {
    const who = await service.user("racer", allow("kms:Encrypt", arn(`key/${mine}`)))
    await service.ask(root, "CreateAlias", { AliasName: "alias/moving", KeyId: mine })
    let encrypted = 0
    for (let round = 0; round < 1000; round++) {
      const target = round % 2 === 0 ? other : mine
      const [moved, ...used] = await Promise.all([
        service.ask(root, "UpdateAlias", { AliasName: "alias/moving", KeyId: target }),
        service.ask(who, "Encrypt", { KeyId: "alias/moving", Plaintext }),
        service.ask(who, "Encrypt", { KeyId: "alias/moving", Plaintext })
      ])
      expect(moved.code).toBe("ok")
      for (const { code, body } of used) {
        expect(["ok", "Forbidden.NoPermission"]).toContain(code)
        if (code !== "ok") continue
        encrypted++
        expect(body["KeyId"]).toBe(mine)
      }
    }
    expect(encrypted).toBeGreaterThan(100)
    expect(encrypted).toBeLessThan(2000)
  })
})

describe("a revocation after its answer", () => {
  const revocations: ReadonlyArray<
    readonly [string, string, (name: string, accessKeyId: string) => ReadonlyArray<readonly [string, Parameters]>]
  > = [
    [
      "a Deny attached",
      "Forbidden.NoPermission",
      (UserName) => [["AttachPolicyToUser", { UserName, PolicyName: "deny-all", PolicyType: "Custom" }]]
    ],
    [
      "a policy detached",
      "Forbidden.NoPermission",
      (UserName) => [["DetachPolicyFromUser", { UserName, PolicyName: `${UserName}-policy`, PolicyType: "Custom" }]]
    ],
    [
      "a policy changed",
      "Forbidden.NoPermission",
      (name) => [
        [
          "CreatePolicyVersion",
          {
            PolicyName: `${name}-policy`,
            PolicyDocument: document(allow("kms:ListKeys", "*")),
            SetAsDefault: "true"
          }
        ]
      ]
    ],
    [
      "an access key switched off",
      "InvalidAccessKeyId.Inactive",
      (UserName, UserAccessKeyId) => [["UpdateAccessKey", { UserName, UserAccessKeyId, Status: "Inactive" }]]
    ],
    [
      "an access key deleted",
      "InvalidAccessKeyId.NotFound",
      (UserName, UserAccessKeyId) => [["DeleteAccessKey", { UserName, UserAccessKeyId }]]
    ],
    [
      "a user deleted",
      "InvalidAccessKeyId.NotFound",
      (UserName, UserAccessKeyId) => [
        ["DetachPolicyFromUser", { UserName, PolicyName: `${UserName}-policy`, PolicyType: "Custom" }],
        ["DeleteAccessKey", { UserName, UserAccessKeyId }],
        ["DeleteUser", { UserName }]
      ]
    ]
  ]

  it.each(revocations)(
    "a revocation holds for every call after its answer while many are in progress: %s",
    async (what, code, steps) => {
      const name = what.replaceAll(" ", "-")
      await service.ram(root, "CreatePolicy", { PolicyName: "deny-all", PolicyDocument: document(deny("*", "*")) })
      const who = await service.user(name, allow("kms:Encrypt", arn(`key/${mine}`)))
      let revoked = false
      let before = 0
      const after: Array<string> = []
      const caller = async (): Promise<void> => {
        for (let last = false; !last;) {
          last = revoked
          const heard = await service.ask(who, "Encrypt", { KeyId: mine, Plaintext })
          // Callers in one process must give other work a turn.
          await setImmediate()
          if (last) after.push(heard.code)
          else if (heard.code === "ok") before++
        }
      }
      const callers = Array.from({ length: 8 }, caller)
      await service.ask(root, "ListKeys")
      await service.ask(root, "ListKeys")
      for (const [action, parameters] of steps(name, who.accessKeyId)) {
        expect((await service.ram(root, action, parameters)).code).toBe("ok")
      }
      revoked = true
      await Promise.all(callers)
      expect(before).toBeGreaterThan(0)
      expect(after).toEqual(Array<string>(8).fill(code))
    }
  )
})
