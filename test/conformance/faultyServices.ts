/** Services with one fault each: Keystate in this process behind a wrapper that changes answers. */
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import type { Answer, KmsAdapter, OperationName } from "../../src/conformance/adapters/adapter.ts"
import { textOf } from "../../src/conformance/steps/reply.ts"

type Request = Readonly<Record<string, unknown>>
type Ask = (operation: OperationName, request: Request) => Promise<Answer>
type Lie = (ask: Ask) => Ask

const lying = (name: string, makeLie: () => Lie): KmsAdapter => {
  const honest = inProcess()
  const lie = makeLie()((operation, request) => honest.call(operation, request))
  return { ...honest, name, call: (operation, request) => lie(operation, request) }
}

const codeOf = (answer: Answer): string => (answer.ok ? "" : answer.code)
const without = (request: Request, name: string): Request =>
  Object.fromEntries(Object.entries(request).filter(([member]) => member !== name))

/** Remembers the key of each ciphertext. */
const owners = () => {
  const ofBlob = new Map<unknown, string>()
  return {
    note: (answer: Answer): Answer => {
      if (answer.ok) ofBlob.set(textOf(answer.response, "CiphertextBlob"), textOf(answer.response, "KeyId") ?? "")
      return answer
    },
    of: ({ CiphertextBlob }: Request): string => ofBlob.get(CiphertextBlob) ?? ""
  }
}

export const faultyServices = {
  decryptsWhenDisabled: () =>
    lying("decrypts when disabled", () => {
      const { note, of } = owners()
      return (ask) => async (operation, request) => {
        const answer = await ask(operation, request)
        if (operation === "Encrypt") return note(answer)
        if (operation !== "Decrypt" || codeOf(answer) !== "Rejected.Disabled") return answer
        const KeyId = of(request)
        await ask("EnableKey", { KeyId })
        const opened = await ask("Decrypt", request)
        await ask("DisableKey", { KeyId })
        return opened
      }
    }),
  cancelsToDisabled: () =>
    lying("cancels to Disabled", () => (ask) => async (operation, request) => {
      const answer = await ask(operation, request)
      if (operation === "CancelKeyDeletion" && answer.ok) await ask("DisableKey", request)
      return answer
    }),
  forgetsContexts: () =>
    lying(
      "forgets contexts",
      () => (ask) => (operation, request) => ask(operation, without(request, "EncryptionContext"))
    ),
  joinsContexts: () =>
    lying("joins contexts without lengths", () => (ask) => (operation, request) => {
      const given: unknown = JSON.parse(String(request["EncryptionContext"] ?? "{}"))
      const pairs = Object.entries(typeof given === "object" && given !== null ? given : {}).sort()
      if (pairs.length === 0) return ask(operation, request)
      const all = pairs.map(([name, value]) => `${name}\u0000${String(value)}`).join("\u0000")
      return ask(operation, { ...request, EncryptionContext: JSON.stringify({ all }) })
    }),
  cutsDescriptions: () =>
    lying("cuts descriptions", () => (ask) => (operation, request) => {
      const text = request["Description"]
      return ask(operation, typeof text === "string" ? { ...request, Description: text.slice(0, 256) } : request)
    }),
  dropsAliasesOnCancel: () =>
    lying("drops the first alias when a deletion is cancelled", () => {
      const names = new Map<unknown, unknown>()
      return (ask) => async (operation, request) => {
        const answer = await ask(operation, request)
        if (operation === "CreateAlias" && answer.ok && !names.has(request["KeyId"]))
          names.set(request["KeyId"], request["AliasName"])
        const name = names.get(request["KeyId"])
        if (operation === "CancelKeyDeletion" && answer.ok && name !== undefined)
          await ask("DeleteAlias", { AliasName: name })
        return answer
      }
    }),
  makesDataKeysByOldAliases: () =>
    lying("makes data keys by what an alias stood for first", () => {
      const keys = new Map<unknown, unknown>()
      return (ask) => (operation, request) => {
        if (operation === "CreateAlias") keys.set(request["AliasName"], request["KeyId"])
        const first = operation === "GenerateDataKey" ? keys.get(request["KeyId"]) : undefined
        return ask(operation, first === undefined ? request : { ...request, KeyId: first })
      }
    }),
  neverMovesAliases: () =>
    lying(
      "never moves aliases",
      () => (ask) => async (operation, request) =>
        operation === "UpdateAlias" && (await ask("DescribeKey", { KeyId: request["AliasName"] })).ok
          ? { ok: true, response: {} }
          : ask(operation, request)
    ),
  takesShortWindows: () =>
    lying(
      "takes short windows",
      () => (ask) => (operation, request) =>
        ask(
          operation,
          operation === "ScheduleKeyDeletion" && Number(request["PendingWindowInDays"]) < 7
            ? { ...request, PendingWindowInDays: 7 }
            : request
        )
    ),
  disablesLate: () =>
    lying("disables late", () => {
      /** The pending change of a key that was reported as disabled, and the number of calls until then. */
      let late: { readonly disable: () => Promise<unknown>; calls: number } | undefined
      return (ask) => async (operation, request) => {
        if (late !== undefined && late.calls-- === 0) {
          const { disable } = late
          late = undefined
          await disable()
        }
        if (operation !== "DisableKey" || late !== undefined) return ask(operation, request)
        const now = await ask("DescribeKey", request)
        if (!now.ok || textOf(now.response, "KeyMetadata.KeyState") !== "Enabled") return ask(operation, request)
        late = { disable: () => ask(operation, request), calls: 2 }
        return { ok: true, response: {} }
      }
    }),
  failsInside: () =>
    lying(
      "fails inside",
      () => (ask) => (operation, request) =>
        operation === "UpdateKeyDescription"
          ? Promise.resolve({ ok: false, code: "InternalFailure", httpStatus: 500 })
          : ask(operation, request)
    )
} as const

/** An adapter that cannot reach its service. */
export const unreachable = (): KmsAdapter => ({
  ...inProcess(),
  name: "unreachable",
  call: () => Promise.reject(new Error("connection refused"))
})

/** A service with few operations and without a clock. */
export const small = (): KmsAdapter => {
  const { advance: _advance, now: _now, createServiceKey: _service, ...rest } = inProcess()
  return {
    ...rest,
    name: "small",
    capabilities: {
      operations: ["CreateKey", "DescribeKey", "EnableKey", "DisableKey", "Encrypt", "Decrypt"],
      clock: "none",
      reset: "perRun",
      profiles: ["core"]
    }
  }
}
