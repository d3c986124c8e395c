/** The answers to calls with DryRun. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { rehearsed } from "../../src/requests/dryRun.ts"
import { refuse } from "../../src/domain/errors.ts"

const outcome = (handled: Parameters<typeof rehearsed>[0]) => Effect.runSync(Effect.flip(rehearsed(handled)))

describe("a call with DryRun", () => {
  it("a call with DryRun that would succeed is refused, and its result is discarded", () => {
    const error = outcome(Effect.succeed({ Plaintext: "QQ==" }))
    expect([error.code, error.httpStatus]).toEqual(["DryRunOperationError", 400])
    expect(JSON.stringify(error)).not.toContain("QQ==")
  })

  it("a call with DryRun without permission gets AccessDeniedError with the resource and the hint", () => {
    const refusal = refuse("Forbidden.NoPermission", { resource: "acs:kms:r:1:key/k", hint: "No policy grants it." })
    const error = outcome(Effect.fail(refusal))
    expect([error.code, error.httpStatus, error.hint]).toEqual(["AccessDeniedError", 403, "No policy grants it."])
    expect(error.message).toContain("acs:kms:r:1:key/k")
  })

  it("a call with DryRun that is refused for another reason keeps its code", () => {
    expect(outcome(Effect.fail(refuse("Rejected.Disabled"))).code).toBe("Rejected.Disabled")
  })
})
