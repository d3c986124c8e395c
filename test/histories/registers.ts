/** Registers that the histories watch: each is something that a caller may rely on as soon as a change of it was answered. */
import { Effect } from "effect"
import type { AnyKmsError } from "../../src/domain/errors.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import type { Operation } from "../../src/conformance/histories/linearizable.ts"
import type { Caller } from "../../src/authorization/caller.ts"
import { codeOf, realm, send, signed } from "./nodes.ts"
import type { Node, Signer } from "./nodes.ts"

/** What an answer tells of a register. Undefined if it tells nothing, as a refusal because the store is away. */
export type Told = Pick<Operation<string>, "when" | "leaves"> | "unknown" | undefined

export interface Try {
  readonly says: string
  /** What it leaves if it happened but was not answered. */
  readonly wanted: string | undefined
  readonly run: (node: Node) => Effect.Effect<Told>
}

export interface Register {
  readonly name: string
  readonly first: string
  /** A try, drawn by a number below 1. */
  readonly draw: (random: () => number) => Try
}

const is = (state: string) => ({ when: (now: string) => now === state })
const isNot = (state: string) => ({ when: (now: string) => now !== state })
const becomes = (state: string) => ({ leaves: { state } })

const pick = <A>(list: readonly [A, ...ReadonlyArray<A>], random: () => number): A =>
  list[Math.floor(random() * list.length)] ?? list[0]

/** Says that nothing is known, or nothing was done, because of the store. */
const withoutStore: ReadonlySet<string> = new Set([
  "ServiceUnavailableTemporary",
  "InternalFailure",
  "Rejected.Throttling"
])

type Tries = readonly [Try, ...ReadonlyArray<Try>]

/** How often a register is written: rarely enough that what is not told by a write is read in between. */
const writesShare = 0.25

const drawing = (writes: Tries, reads: Tries) => (random: () => number) =>
  pick(random() < writesShare ? writes : reads, random)

type Answers = Readonly<Record<string, Told>>

/** Looks an answer up by its code. An answer that the register cannot give is a defect of the engine or of the test. */
const told = (answers: Answers, code: string): Told => {
  if (withoutStore.has(code)) return "unknown"
  if (!Object.hasOwn(answers, code)) throw new Error(`the answer ${code} is not expected`)
  return answers[code]
}

const answered = (call: Effect.Effect<unknown, AnyKmsError>, answers: Answers): Effect.Effect<Told> =>
  Effect.match(call, { onFailure: ({ code }) => told(answers, code), onSuccess: () => told(answers, "Success") })

/** Whether a key may be used. */
export const keyState = (name: string, keyId: string, blob: string): Register => {
  const read = (says: string, call: (node: Node) => Effect.Effect<unknown, AnyKmsError>): Try => ({
    says,
    wanted: undefined,
    run: (node) => answered(call(node), { Success: is("Enabled"), "Rejected.Disabled": is("Disabled") })
  })
  const disable: Try = {
    says: "DisableKey",
    wanted: "Disabled",
    run: ({ kms }) => answered(kms.disableKey({ KeyId: keyId }), { Success: becomes("Disabled") })
  }
  const enable: Try = {
    says: "EnableKey",
    wanted: "Enabled",
    run: ({ kms }) => answered(kms.enableKey({ KeyId: keyId }), { Success: becomes("Enabled") })
  }
  const reads: Tries = [
    read("Encrypt", ({ kms }) => kms.encrypt({ KeyId: keyId, Plaintext: "eA==" })),
    read("Decrypt", ({ kms }) => kms.decrypt({ CiphertextBlob: blob })),
    read("GenerateDataKey", ({ kms }) => kms.generateDataKey({ KeyId: keyId })),
    read("ReEncrypt", ({ kms }) => kms.reEncrypt({ CiphertextBlob: blob, DestinationKeyId: keyId })),
    {
      says: "DescribeKey",
      wanted: undefined,
      run: ({ kms }) =>
        Effect.match(kms.describeKey({ KeyId: keyId }), {
          onFailure: ({ code }) => told({}, code),
          onSuccess: ({ KeyMetadata: { KeyState } }) => is(KeyState)
        })
    },
    {
      says: "ListKeys by state",
      wanted: undefined,
      run: ({ kms }) =>
        Effect.match(kms.listKeys({ PageSize: 100, Filters: '[{"Key":"KeyState","Values":["Enabled"]}]' }), {
          onFailure: ({ code }) => told({}, code),
          onSuccess: ({ Keys }) => is(Keys.Key.some(({ KeyId }) => KeyId === keyId) ? "Enabled" : "Disabled")
        })
    }
  ]
  return { name, first: "Enabled", draw: drawing([disable, enable], reads) }
}

/** The key that an alias is bound to. */
export const alias = (aliasName: string, keyIds: readonly [string, string]): Register => {
  const none = "none"
  const bound = (keyId: string): Try => ({
    says: `UpdateAlias to ${keyId.slice(0, 4)}`,
    wanted: keyId,
    run: ({ kms }) =>
      answered(kms.updateAlias({ AliasName: aliasName, KeyId: keyId }), {
        Success: { ...isNot(none), ...becomes(keyId) },
        "Forbidden.AliasNotFound": is(none)
      })
  })
  const reading: Try = {
    says: "DescribeKey by alias",
    wanted: undefined,
    run: ({ kms }) =>
      Effect.match(kms.describeKey({ KeyId: aliasName }), {
        onFailure: ({ code }) => told({ "Forbidden.AliasNotFound": is(none) }, code),
        onSuccess: ({ KeyMetadata }) => is(KeyMetadata.KeyId)
      })
  }
  const using: Try = {
    says: "Encrypt by alias",
    wanted: undefined,
    run: ({ kms }) =>
      Effect.match(kms.encrypt({ KeyId: aliasName, Plaintext: "eA==" }), {
        onFailure: ({ code }) => told({ "Forbidden.AliasNotFound": is(none) }, code),
        onSuccess: ({ KeyId }) => is(KeyId)
      })
  }
  const removed: Try = {
    says: "DeleteAlias",
    wanted: none,
    run: ({ kms }) =>
      answered(kms.deleteAlias({ AliasName: aliasName }), {
        Success: { ...isNot(none), ...becomes(none) },
        "Forbidden.AliasNotFound": is(none)
      })
  }
  const made: Try = {
    says: "CreateAlias",
    wanted: keyIds[0],
    run: ({ kms }) =>
      answered(kms.createAlias({ AliasName: aliasName, KeyId: keyIds[0] }), {
        Success: { ...is(none), ...becomes(keyIds[0]) },
        AliasAlreadyExists: isNot(none)
      })
  }
  const writes = [bound(keyIds[0]), bound(keyIds[1]), removed, made] as const
  return { name: aliasName, first: keyIds[0], draw: drawing(writes, [reading, using]) }
}

/** Whether a policy lets a user use a key. */
export const policy = (user: Extract<Caller, { kind: "user" }>, keyId: string): Register => {
  const attachment = { PolicyName: "use", PolicyType: "Custom", UserName: user.name } as const
  const ask = (operation: string, parameters: object) => (node: Node) =>
    answered(
      node.dispatch.ask({
        operation,
        source: fromObject(parameters),
        caller: user,
        realm,
        requestId: crypto.randomUUID()
      }),
      { Success: is("attached"), "Forbidden.NoPermission": is("detached") }
    )
  const writes: Tries = [
    {
      says: "AttachPolicyToUser",
      wanted: "attached",
      run: ({ kms }) =>
        answered(kms.ram.attachPolicyToUser(attachment), {
          Success: { ...is("detached"), ...becomes("attached") },
          "EntityAlreadyExists.User.Policy": is("attached")
        })
    },
    {
      says: "DetachPolicyFromUser",
      wanted: "detached",
      run: ({ kms }) =>
        answered(kms.ram.detachPolicyFromUser(attachment), {
          Success: { ...is("attached"), ...becomes("detached") },
          "EntityNotExist.User.Policy": is("detached")
        })
    }
  ]
  const reads: Tries = [
    { says: "Encrypt as the user", wanted: undefined, run: ask("Encrypt", { KeyId: keyId, Plaintext: "eA==" }) },
    { says: "DescribeKey as the user", wanted: undefined, run: ask("DescribeKey", { KeyId: keyId }) }
  ]
  return { name: "policy", first: "attached", draw: drawing(writes, reads) }
}

/** Whether an access key may sign. */
export const accessKey = (user: string, signer: Signer): Register => {
  const set = (status: "Active" | "Inactive"): Try => ({
    says: `UpdateAccessKey ${status}`,
    wanted: status,
    run: ({ kms }) =>
      answered(kms.ram.updateAccessKey({ UserName: user, UserAccessKeyId: signer.accessKeyId, Status: status }), {
        Success: becomes(status)
      })
  })
  const reading: Try = {
    says: "a signed request",
    wanted: undefined,
    run: (node) =>
      Effect.map(
        Effect.suspend(() => send(node, signed(signer, { Action: "GetCallerIdentity", Version: "2015-04-01" }))),
        (answer) => told({ Success: is("Active"), "InvalidAccessKeyId.Inactive": is("Inactive") }, codeOf(answer))
      )
  }
  return { name: "access key", first: "Active", draw: drawing([set("Active"), set("Inactive")], [reading]) }
}
