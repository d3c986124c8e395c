/** The frequent calls on a key in use are answered in one step: they start no fiber. */
import { Effect, Exit, ManagedRuntime } from "effect"
import { describe, expect, it } from "vitest"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import { Dispatch } from "../../src/requests/dispatch.ts"

describe("calls that wait for nothing", () => {
  it("uses and reads of a key in use have their answer when they begin", async () => {
    const options = optionsOf("memory", { clock: "virtual" })
    const runtime = ManagedRuntime.make(engineLayer(options))
    const { dispatch, kms } = await runtime.runPromise(Effect.all({ dispatch: Dispatch, kms: Kms }))
    const { KeyId } = (await runtime.runPromise(kms.createKey())).KeyMetadata
    const { CiphertextBlob } = await runtime.runPromise(kms.encrypt({ KeyId, Plaintext: "text" }))
    const { realm } = options
    const begun = (operation: string, request: object) =>
      dispatch.begin({
        operation,
        source: fromObject(request),
        caller: { kind: "root", account: realm.account },
        realm,
        requestId: operation
      })
    const calls = [
      ["Encrypt", { KeyId, Plaintext: "text" }],
      ["Decrypt", { CiphertextBlob }],
      ["GenerateDataKey", { KeyId }],
      ["GenerateDataKeyWithoutPlaintext", { KeyId }],
      ["DescribeKey", { KeyId }]
    ] as const
    const isAnswered = calls.map(([operation, request]) => {
      const answer = begun(operation, request)
      return [operation, Exit.isExit(answer) && Exit.isSuccess(answer)]
    })
    expect(isAnswered).toEqual(calls.map(([operation]) => [operation, true]))
    await runtime.dispose()
  })
})
