/** What a refusal tells besides its code: the states that allow the operation, and a hint. */
import { describe, expect, it } from "vitest"
import { lifecycleOf } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import { decide, isUse, kindOf, refusalOf, rules, wayBack } from "../../machines/permits.ts"
import type { KeyOperation, Refusal } from "../../machines/permits.ts"
import { livingStates } from "../../machines/vocabulary.ts"
import { births, explorationOf } from "./explore.ts"
import {
  addVersion,
  birth,
  cancel,
  day,
  disable,
  due,
  encryptionPair,
  expiring,
  external,
  grown,
  importMaterial,
  protect,
  schedule,
  signingPair,
  symmetric
} from "./keys.ts"

const isOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
const operations = Object.keys(rules).filter(isOperation)

/** The operations of the guide that use the key itself, rather than what is stored about it. */
const uses: ReadonlyArray<KeyOperation> = [
  "Encrypt",
  "Decrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ExportDataKey",
  "GenerateAndExportDataKey",
  "ReEncrypt(source)",
  "ReEncrypt(destination)",
  "AsymmetricEncrypt",
  "AsymmetricDecrypt",
  "AsymmetricSign",
  "AsymmetricVerify",
  "GetPublicKey",
  "CreateKeyVersion",
  "UpdateRotationPolicy"
]

describe("an operation on a key", () => {
  it("the operations that use a key are those of the guide", () => {
    expect(operations.filter(isUse)).toEqual(uses)
  })

  it.each(births)("a refusal names every state in which the key permits the operation: %s", (_name, input) => {
    const { configurations } = explorationOf(input)
    for (const operation of operations) {
      const permitting = configurations.filter(({ snapshot }) => refusalOf(operation, snapshot) === undefined)
      const states = new Set(permitting.map(({ snapshot }) => lifecycleOf(snapshot)))
      const legal = livingStates.filter((state) => states.has(state))
      for (const { snapshot } of configurations) {
        const refusal = refusalOf(operation, snapshot)
        if (refusal === undefined) continue
        const wanted = lifecycleOf(snapshot) === "Deleted" ? [] : legal
        expect([operation, refusal.keyState, refusal.allowedStates]).toEqual([operation, lifecycleOf(snapshot), wanted])
      }
    }
  })
})

const own = grown(symmetric)
const leaving = grown(symmetric, schedule(birth))
const gone = grown(symmetric, schedule(birth), due(leaving, "DeletionDue"))
const guarded = grown(symmetric, protect(birth, true))
const imported = grown(external, expiring)
const pair = grown(signingPair)

const hints: ReadonlyArray<readonly [operation: KeyOperation, key: CmkSnapshot, hint: string]> = [
  ["Encrypt", gone, wayBack.Deleted],
  ["Encrypt", grown(symmetric, disable(birth)), wayBack.Disabled],
  ["Encrypt", leaving, wayBack.PendingDeletion],
  ["Encrypt", grown(external), wayBack.PendingImport],
  ["CancelKeyDeletion", own, "Only a PendingDeletion key has a deletion to cancel."],
  ["CancelKeyDeletion", grown(symmetric, disable(birth)), "Only a PendingDeletion key has a deletion to cancel."],
  [
    "ScheduleKeyDeletion",
    leaving,
    "The deletion is already scheduled; call CancelKeyDeletion first to choose another date."
  ],
  ["EnableKey", leaving, wayBack.PendingDeletion],
  ["EnableKey", grown(external), wayBack.PendingImport],
  ["EnableKey", grown(symmetric, schedule(birth), cancel(birth), schedule(birth)), wayBack.PendingDeletion],
  ["Encrypt", pair, "This operation is not for asymmetric keys, or not for an asymmetric key of this usage."],
  [
    "AsymmetricSign",
    grown(encryptionPair),
    "This operation is not for asymmetric keys, or not for an asymmetric key of this usage."
  ],
  [
    "Encrypt",
    grown(signingPair, disable(birth)),
    "This operation is not for asymmetric keys, or not for an asymmetric key of this usage."
  ],
  ["AsymmetricSign", own, "This operation is not for symmetric keys created by the service."],
  ["AsymmetricSign", imported, "This operation is not for keys with imported material."],
  ["ImportKeyMaterial", own, "Only keys created with Origin EXTERNAL accept material."],
  ["DisableKey", grown({ ...symmetric, serviceKey: true }), "A cloud service manages the key; users may only view it."]
]

const contents: ReadonlyArray<readonly [event: CmkEvent, key: CmkSnapshot, code: string, hint: string]> = [
  [
    schedule(birth),
    guarded,
    "Rejected.StateModifiedFailed",
    "Deletion protection is on; switch it off first with SetDeletionProtection."
  ],
  [
    importMaterial(birth + day, { fingerprint: "other" }),
    imported,
    "InvalidKeyMaterial",
    "This key accepts only the same material that was first imported into it."
  ],
  [
    addVersion(birth + day),
    pair,
    "Rejected.UnsupportedOperation",
    "The newest version is less than 7 days old; a key gets at most one version in 7 days."
  ],
  [
    addVersion(birth + 51 * 7 * day),
    grown(signingPair, ...Array.from({ length: 49 }, (_, at) => addVersion(birth + (at + 1) * 7 * day))),
    "Rejected.LimitExceeded",
    "An asymmetric key has at most 50 versions."
  ]
]

const refused = (key: CmkSnapshot, event: CmkEvent): Refusal => {
  const verdict = decide(key, event)
  if (verdict._tag !== "Refusal") throw new Error(`${event.type} was answered with ${verdict._tag}`)
  return verdict
}

describe("the hint of a refusal", () => {
  it.each(hints)(
    "the refusal of %s has a hint that says what would make the operation legal",
    (operation, key, hint) => {
      expect(refusalOf(operation, key)?.hint).toBe(hint)
    }
  )

  it.each(contents)(
    "a refusal of the content of a request has a hint that says what is wrong: %o",
    (event, key, code, hint) => {
      const allowedStates = livingStates.filter(
        (state) => state === "Enabled" || (event.type !== "CreateKeyVersion" && state !== "PendingDeletion")
      )
      const possible =
        kindOf(key) === "external" ? allowedStates : allowedStates.filter((state) => state !== "PendingImport")
      expect(refused(key, event)).toEqual({
        _tag: "Refusal",
        code,
        hint,
        keyState: "Enabled",
        allowedStates: possible
      })
    }
  )
})
