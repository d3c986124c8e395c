/** The parameters of operations that tag several resources at once, and the keys they name. */
import { Effect } from "effect"
import type { KeyActor } from "../actor/keyActor.ts"
import type { GateError } from "../actor/keyErrors.ts"
import { refuse } from "../domain/errors.ts"
import type { CallError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import { resourcesPerCallMax, tagsPerCallMax } from "../domain/limits.ts"
import type { Call } from "./operation.ts"
import { list, oneOf, optional, records, required, text } from "./parameters.ts"
import { reference } from "./keyReference.ts"
import { tagWireBytesMax } from "./tags/tags.ts"
import type { Tag } from "./tags/tags.ts"

const id = { ...reference, form: "key id or ARN" }

export const regionId = optional(text({ charsMax: 64 }), "The region; by default the region of the request.")
export const resourceType = required(oneOf(["key"]), "The resource type.")
export const resourceIds = list(id, { itemsMax: resourcesPerCallMax })

export const tagRecords = records(["Key", "Value"], {
  itemsMax: tagsPerCallMax.many,
  itemWireBytesMax: tagWireBytesMax
})
export const tagKeyList = list(text({ charsMin: 1, charsMax: 128 }), { itemsMax: tagsPerCallMax.many })

export const tagsOf = (given: ReadonlyArray<Readonly<Record<string, string>>>): ReadonlyArray<Tag> =>
  given.map((record) => ({ key: record["Key"] ?? "", value: record["Value"] ?? "" }))

/** Finds the named keys. All of them are checked for permission and state before any is changed. */
export const keysNamed = <Operation extends "TagResources" | "UntagResources" | "ListTagResources">(
  call: Call,
  references: ReadonlyArray<string>,
  operation: Operation
): Effect.Effect<
  ReadonlyArray<KeyActor>,
  ErrorOf<"InvalidResourceId.NotFound" | "Unsupported.Alias"> | GateError<Operation> | CallError
> =>
  Effect.forEach(references, (reference) =>
    call.key(reference, `kms:${operation}`, { alias: false }).pipe(
      Effect.catchTag("Forbidden.KeyNotFound", () =>
        Effect.fail(
          refuse("InvalidResourceId.NotFound", { hint: `This account has no key ${reference} in this region.` })
        )
      ),
      Effect.tap((key) => key.gate(operation))
    )
  ).pipe(
    // One key may be named by its id and by its ARN.
    Effect.map((keys) => [...new Map(keys.map((key) => [key.keyId, key])).values()])
  )
