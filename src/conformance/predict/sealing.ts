/** What every reply with a ciphertext should contain, and its effect on the model. */
import type { Ciphertext, Model, ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { textOf } from "../steps/reply.ts"
import type { Reply } from "../steps/reply.ts"
import { bindPrimary } from "./described.ts"
import { broken, test } from "./prediction.ts"
import type { PredictedCall, Tested } from "./prediction.ts"

const seenBefore = "seen "

/** Stores a value that must never repeat. */
export const remember = (names: Names, value: string | undefined): void => {
  if (value !== undefined) names.bind(seenBefore + value, value)
}
export const wasSeen = (names: Names, value: string): boolean => names.of(seenBefore + value) !== undefined

export const keyTold = (reply: Reply, key: ModelKey, names: Names): Tested => {
  const told = textOf(reply, "KeyId")
  // Some services return the whole ARN.
  const id = names.of(key.label) ?? ""
  return test(
    "KMS-CTX-007",
    told === undefined || told === id || told.endsWith(`/${id}`),
    () => `The reply names the key ${told}.`
  )
}

export const primaryUsed = (asked: PredictedCall, reply: Reply, key: ModelKey): ReadonlyArray<Tested> => {
  const told = textOf(reply, "KeyVersionId")
  const label = key.snapshot.context.primaryVersionId
  if (!asked.dialect.shows.versions || told === undefined || label === null) return []
  const known = asked.names.of(label)
  const older = key.versions.some((version) => version.label !== label && asked.names.of(version.label) === told)
  return [
    test(
      "KMS-ROT-009",
      known === undefined ? !older : known === told,
      () => `Version ${told} encrypted, but it is not the primary version.`
    )
  ]
}

export const sealed =
  (
    asked: PredictedCall,
    key: ModelKey,
    of: Omit<Ciphertext, "key" | "version" | "context" | "text">,
    text: (reply: Reply) => string | undefined
  ) =>
  (model: Model, reply: Reply, names: Names): void => {
    const blob = textOf(reply, "CiphertextBlob")
    if (blob === undefined) return
    bindPrimary(key, textOf(reply, "KeyVersionId"), names)
    remember(names, blob)
    if (asked.step.makes === undefined) return
    names.bind(asked.step.makes, blob)
    model.ciphertexts.set(asked.step.makes, {
      ...of,
      key: key.label,
      version: key.snapshot.context.primaryVersionId ?? undefined,
      text: text(reply),
      context: asked.step.context ?? {}
    })
  }

export const blobTold = (reply: Reply, names: Names): Tested => {
  const blob = textOf(reply, "CiphertextBlob")
  if (blob === undefined) return broken("KMS-LC-023", "The reply has no CiphertextBlob.")
  return test("KMS-CTX-008", !wasSeen(names, blob), () => "This ciphertext was returned before.")
}
