/** The load of a soak: lives of keys, from creation to deletion, so that the number of keys stays the same. */
import { setTimeout as pause } from "node:timers/promises"
import { kms, memberOf, ram, sts } from "../histories/door.ts"
import type { Call } from "../histories/door.ts"
import { formOf, post } from "../nodes/signedHttp.ts"

export interface Soak {
  readonly url: string
  readonly lanes: number
  /** Requests in a second, of all lanes. */
  readonly rate: number
  /** Whether no further life begins. */
  readonly isOver: () => boolean
}

export interface Tally {
  requests: number
  readonly faults: Array<string>
}

/** How long an answer may take, in milliseconds. */
const patience = 60_000
/** Uses of each key. */
const uses = 20
/** No more is kept: the first faults say enough. */
const faultsMax = 100

type Ask = (call: Call, expected?: string) => Promise<unknown>

const livesOf = {
  symmetric: async (ask: Ask, KeyId: string): Promise<void> => {
    const context = JSON.stringify({ purpose: "soak" })
    for (let use = 0; use < uses; use++) {
      const Plaintext = Buffer.from(`plaintext ${use}`).toString("base64")
      const CiphertextBlob = String(
        memberOf(await ask(kms("Encrypt", { KeyId, Plaintext, EncryptionContext: context })), "CiphertextBlob")
      )
      await ask(kms("Decrypt", { CiphertextBlob, EncryptionContext: context }))
      await ask(kms("GenerateDataKey", { KeyId }))
      await ask(kms("Decrypt", { CiphertextBlob }), "InvalidParameter")
    }
    await ask(kms("UpdateRotationPolicy", { KeyId, EnableAutomaticRotation: "true", RotationInterval: "7d" }))
  },
  asymmetric: async (ask: Ask, KeyId: string): Promise<void> => {
    const versions = await ask(kms("ListKeyVersions", { KeyId }))
    const [version] = [memberOf(versions, "KeyVersions", "KeyVersion")].flat()
    const KeyVersionId = String(memberOf(version, "KeyVersionId"))
    const Digest = Buffer.alloc(32, 7).toString("base64")
    for (let use = 0; use < uses; use++) {
      const signed = await ask(kms("AsymmetricSign", { KeyId, KeyVersionId, Algorithm: "ECDSA_SHA_256", Digest }))
      const Value = String(memberOf(signed, "Value"))
      await ask(kms("AsymmetricVerify", { KeyId, KeyVersionId, Algorithm: "ECDSA_SHA_256", Digest, Value }))
      await ask(kms("GetPublicKey", { KeyId, KeyVersionId }))
    }
  }
}

/** One key, with a user beside it. */
const live = async (ask: Ask, isSymmetric: boolean): Promise<void> => {
  const made = isSymmetric
    ? await ask(kms("CreateKey"))
    : await ask(kms("CreateKey", { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" }))
  const KeyId = String(memberOf(made, "KeyMetadata", "KeyId"))
  const AliasName = `alias/soak-${KeyId}`
  await ask(kms("CreateAlias", { AliasName, KeyId }))
  await ask(kms("TagResource", { KeyId, Tags: '[{"TagKey":"soak","TagValue":"yes"}]' }))
  await (isSymmetric ? livesOf.symmetric(ask, KeyId) : livesOf.asymmetric(ask, KeyId))
  for (const list of ["ListKeys", "ListAliases"]) await ask(kms(list))
  await ask(kms("DescribeKey", { KeyId: AliasName }))
  await ask(kms("DisableKey", { KeyId }))
  const refused = isSymmetric ? kms("Encrypt", { KeyId, Plaintext: "eA==" }) : kms("CreateKeyVersion", { KeyId })
  await ask(refused, "Rejected.Disabled")
  await ask(kms("EnableKey", { KeyId }))
  const UserName = `soak-${KeyId.slice(0, 8)}`
  await ask(ram("CreateUser", { UserName }))
  await ask(sts("GetCallerIdentity"))
  await ask(ram("DeleteUser", { UserName }))
  await ask(kms("DeleteAlias", { AliasName }))
  await ask(kms("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" }))
  await ask(kms("AdvanceClock", { By: "8d" }))
  await ask(kms("Encrypt", { KeyId, Plaintext: "eA==" }), "Forbidden.KeyNotFound")
}

const runLane = async ({ isOver, lanes, rate, url }: Soak, tally: Tally, first: number): Promise<void> => {
  const everyMillis = (1000 * lanes) / rate
  let due = performance.now()
  const ask: Ask = async (call, expected = "Success") => {
    // A lane that is late does not catch up.
    due = Math.max(due + everyMillis, performance.now())
    await pause(Math.max(0, due - performance.now()))
    const sent = await post(url, formOf("root", call), patience)
    tally.requests++
    const code = sent.kind === "answered" ? sent.code : sent.kind
    if (code !== expected && tally.faults.length < faultsMax)
      tally.faults.push(`${call.action} was answered ${code}, not ${expected}`)
    return sent.kind === "answered" ? sent.body : undefined
  }
  for (let life = first; !isOver(); life++) await live(ask, life % 4 !== 3)
}

export const soak = (one: Soak, tally: Tally): Promise<unknown> =>
  Promise.all(Array.from({ length: one.lanes }, (_, lane) => runLane(one, tally, lane)))
