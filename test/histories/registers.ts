/** Registers that the histories watch: each is a fact that a caller may rely on after an answered change. */
import { Effect } from "effect"
import type { Operation } from "../../src/conformance/histories/linearizable.ts"
import { kms, memberOf, ram, sts } from "./door.ts"
import type { Call, Door, Outcome, Signer } from "./door.ts"

/** The content of an answer about a register. Undefined if the call was not performed. */
type Told =
  | (Pick<Operation<string>, "when" | "leaves"> & Partial<Pick<Operation<string>, "says">>)
  | "unknown"
  | undefined

interface Try {
  readonly says: string
  /** The state that a performed but unanswered call leaves. */
  readonly wanted: string | undefined
  readonly run: (door: Door) => Effect.Effect<Told>
}

export interface Register {
  readonly name: string
  readonly first: string
  /** An operation, chosen by a number below 1. */
  readonly draw: (random: () => number, isReading?: boolean) => Try
}

const is = (state: string) => ({ when: (now: string) => now === state })
const isNot = (state: string) => ({ when: (now: string) => now !== state })
const becomes = (state: string) => ({ leaves: { state } })

const pick = <A>(list: readonly [A, ...ReadonlyArray<A>], random: () => number): A =>
  list[Math.floor(random() * list.length)] ?? list[0]

/** Codes of failures of the store: the call was not performed, or its outcome is unknown. */
const withoutStore: ReadonlySet<string> = new Set(["ServiceUnavailableTemporary", "Rejected.Throttling"])

type Tries = readonly [Try, ...ReadonlyArray<Try>]

/** The share of writes: small enough that reads between writes settle unknown outcomes. */
const writesShare = 0.25

const drawing =
  (writes: Tries, reads: Tries): Register["draw"] =>
  (random, isReading = false) =>
    pick(!isReading && random() < writesShare ? writes : reads, random)

/** The meaning of the answers of a call, by their codes. */
type Answers = Readonly<Record<string, Exclude<Told, undefined> | ((body: unknown) => Told)>>

/** An answer that the register cannot give is wrong in every state. */
const told = (answers: Answers, outcome: Outcome): Told => {
  if (outcome === "unsent") return undefined
  if (outcome === "lost" || withoutStore.has(outcome.code)) return "unknown"
  const { body, code } = outcome
  if (!Object.hasOwn(answers, code)) return { when: () => false, says: `${code}: ${JSON.stringify(body)}` }
  const found = answers[code]
  return typeof found === "function" ? found(body) : found
}

const trying =
  (asker: "root" | Signer) =>
  (call: Call, answers: Answers, more: Partial<Pick<Try, "says" | "wanted">> = {}): Try => ({
    says: call.action,
    wanted: undefined,
    ...more,
    run: (door) => Effect.map(door.ask(asker, call), (outcome) => told(answers, outcome))
  })

const asRoot = trying("root")

const keysIn = (body: unknown): ReadonlyArray<unknown> => {
  const keys = memberOf(body, "Keys", "Key")
  return Array.isArray(keys) ? keys : []
}

/** Whether a key may be used. */
const keyState = (name: string, keyId: string, blob: string): Register => {
  const usable = { Success: is("Enabled"), "Rejected.Disabled": is("Disabled") }
  const disable = asRoot(kms("DisableKey", { KeyId: keyId }), { Success: becomes("Disabled") }, { wanted: "Disabled" })
  const enable = asRoot(kms("EnableKey", { KeyId: keyId }), { Success: becomes("Enabled") }, { wanted: "Enabled" })
  // By its id too, because a store of many rounds has more keys than a page.
  const filters = [
    { Key: "KeyId", Values: [keyId] },
    { Key: "KeyState", Values: ["Enabled"] }
  ]
  const listing = kms("ListKeys", { PageSize: "100", Filters: JSON.stringify(filters) })
  const reads: Tries = [
    asRoot(kms("Encrypt", { KeyId: keyId, Plaintext: "eA==" }), usable),
    asRoot(kms("Decrypt", { CiphertextBlob: blob }), usable),
    asRoot(kms("GenerateDataKey", { KeyId: keyId }), usable),
    asRoot(kms("ReEncrypt", { CiphertextBlob: blob, DestinationKeyId: keyId }), usable),
    asRoot(kms("DescribeKey", { KeyId: keyId }), {
      Success: (body) => is(String(memberOf(body, "KeyMetadata", "KeyState")))
    }),
    asRoot(
      listing,
      {
        Success: (body) => is(keysIn(body).some((key) => memberOf(key, "KeyId") === keyId) ? "Enabled" : "Disabled")
      },
      { says: "ListKeys by state" }
    )
  ]
  return { name, first: "Enabled", draw: drawing([disable, enable], reads) }
}

/** The key that an alias is bound to. */
const alias = (aliasName: string, keyIds: readonly [string, string]): Register => {
  const none = "none"
  const bound = (keyId: string): Try =>
    asRoot(
      kms("UpdateAlias", { AliasName: aliasName, KeyId: keyId }),
      { Success: { ...isNot(none), ...becomes(keyId) }, "Forbidden.AliasNotFound": is(none) },
      { says: `UpdateAlias to ${keyId.slice(0, 4)}`, wanted: keyId }
    )
  const reading = asRoot(
    kms("DescribeKey", { KeyId: aliasName }),
    {
      Success: (body) => is(String(memberOf(body, "KeyMetadata", "KeyId"))),
      "Forbidden.AliasNotFound": is(none)
    },
    { says: "DescribeKey by alias" }
  )
  const using = asRoot(
    kms("Encrypt", { KeyId: aliasName, Plaintext: "eA==" }),
    { Success: (body) => is(String(memberOf(body, "KeyId"))), "Forbidden.AliasNotFound": is(none) },
    { says: "Encrypt by alias" }
  )
  const removed = asRoot(
    kms("DeleteAlias", { AliasName: aliasName }),
    { Success: { ...isNot(none), ...becomes(none) }, "Forbidden.AliasNotFound": is(none) },
    { wanted: none }
  )
  const made = asRoot(
    kms("CreateAlias", { AliasName: aliasName, KeyId: keyIds[0] }),
    { Success: { ...is(none), ...becomes(keyIds[0]) }, AliasAlreadyExists: isNot(none) },
    { wanted: keyIds[0] }
  )
  const writes = [bound(keyIds[0]), bound(keyIds[1]), removed, made] as const
  return { name: aliasName, first: keyIds[0], draw: drawing(writes, [reading, using]) }
}

/** A user of RAM, as the register of a policy needs it. */
export interface PolicyHolder {
  readonly userName: string
  readonly policyName: string
  readonly signer: Signer
}

/** Whether a policy lets a user use a key. */
const policy = ({ policyName, signer, userName }: PolicyHolder, keyId: string): Register => {
  const attachment = { PolicyName: policyName, PolicyType: "Custom", UserName: userName } as const
  const allowed = { Success: is("attached"), "Forbidden.NoPermission": is("detached") }
  const asUser = trying(signer)
  const writes: Tries = [
    asRoot(
      ram("AttachPolicyToUser", attachment),
      { Success: { ...is("detached"), ...becomes("attached") }, "EntityAlreadyExists.User.Policy": is("attached") },
      { wanted: "attached" }
    ),
    asRoot(
      ram("DetachPolicyFromUser", attachment),
      { Success: { ...is("attached"), ...becomes("detached") }, "EntityNotExist.User.Policy": is("detached") },
      { wanted: "detached" }
    )
  ]
  const reads: Tries = [
    asUser(kms("Encrypt", { KeyId: keyId, Plaintext: "eA==" }), allowed, { says: "Encrypt as the user" }),
    asUser(kms("DescribeKey", { KeyId: keyId }), allowed, { says: "DescribeKey as the user" })
  ]
  return { name: "policy", first: "attached", draw: drawing(writes, reads) }
}

/** Whether an access key may sign. */
const accessKey = (user: string, signer: Signer): Register => {
  const set = (status: "Active" | "Inactive"): Try =>
    asRoot(
      ram("UpdateAccessKey", { UserName: user, UserAccessKeyId: signer.accessKeyId, Status: status }),
      { Success: becomes(status) },
      { says: `UpdateAccessKey ${status}`, wanted: status }
    )
  const reading = trying(signer)(
    sts("GetCallerIdentity"),
    { Success: is("Active"), "InvalidAccessKeyId.Inactive": is("Inactive") },
    { says: "a signed request" }
  )
  return { name: "access key", first: "Active", draw: drawing([set("Active"), set("Inactive")], [reading]) }
}

const policyDocument = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'

/** The answer to a call of the root that must succeed. */
const must = (door: Door, call: Call): Effect.Effect<unknown> =>
  Effect.map(door.ask("root", call), (outcome) => {
    if (typeof outcome !== "string" && outcome.code === "Success") return outcome.body
    throw new Error(`${call.action} must succeed: ${JSON.stringify(outcome)}`)
  })

const textIn = (body: unknown, ...path: ReadonlyArray<string>): string => String(memberOf(body, ...path))

/** A user with an access key. */
const makeUser = Effect.fnUntraced(function* (door: Door, userName: string) {
  yield* must(door, ram("CreateUser", { UserName: userName }))
  const body = yield* must(door, ram("CreateAccessKey", { UserName: userName }))
  const signer: Signer = {
    accessKeyId: textIn(body, "AccessKey", "AccessKeyId"),
    secret: textIn(body, "AccessKey", "AccessKeySecret")
  }
  return signer
})

/** The objects behind the registers, created through one door. `label` separates the names of rounds on one store. */
export const furnish = Effect.fnUntraced(function* (door: Door, label: string) {
  const makeKey = Effect.map(must(door, kms("CreateKey")), (body) => textIn(body, "KeyMetadata", "KeyId"))
  const [one, two, three, four, five] = [yield* makeKey, yield* makeKey, yield* makeKey, yield* makeKey, yield* makeKey]
  const blobOf = (keyId: string) =>
    Effect.map(must(door, kms("Encrypt", { KeyId: keyId, Plaintext: "eA==" })), (body) =>
      textIn(body, "CiphertextBlob")
    )
  const aliasName = `alias/moving-${label}`
  yield* must(door, kms("CreateAlias", { AliasName: aliasName, KeyId: three }))
  const [userName, policyName, other] = [`alice-${label}`, `use-${label}`, `bob-${label}`]
  const signer = yield* makeUser(door, userName)
  yield* must(door, ram("CreatePolicy", { PolicyName: policyName, PolicyDocument: policyDocument }))
  const attachment = { PolicyName: policyName, PolicyType: "Custom", UserName: userName }
  yield* must(door, ram("AttachPolicyToUser", attachment))
  const registers: readonly [Register, ...ReadonlyArray<Register>] = [
    keyState("key 1", one, yield* blobOf(one)),
    keyState("key 2", two, yield* blobOf(two)),
    alias(aliasName, [three, four]),
    policy({ userName, policyName, signer }, five),
    accessKey(other, yield* makeUser(door, other))
  ]
  return registers
})
