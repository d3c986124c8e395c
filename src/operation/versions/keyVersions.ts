/** Key versions as the API shows them, and the version an asymmetric operation must name. */
import { Effect } from "effect"
import type { KeyActor } from "../../actor/keyActor.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import { refuse } from "../../domain/errors.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import { isKeyVersionId } from "../../domain/ids.ts"
import { formatInstant } from "../../domain/time.ts"
import type { VersionRow } from "../../records/rows.ts"
import type { CallServices } from "../operation.ts"
import { asciiText, required } from "../parameters.ts"

export const keyVersionId = required(
  { ...asciiText({ charsMin: 1, charsMax: 64 }), form: "key version id" },
  "The version of the CMK."
)

export const keyVersionReply = ({ keyId, keyVersionId, createdAt }: VersionRow) => ({
  KeyId: keyId,
  KeyVersionId: keyVersionId,
  CreationDate: formatInstant(createdAt)
})

const unknownVersion = () =>
  refuse("Forbidden.KeyVersionNotFound", { hint: "Call ListKeyVersions to list the versions of the key." })

/** A version of a key, by its id. A malformed id names no version. */
export const versionOf = (
  { store }: Pick<CallServices, "store">,
  key: KeyActor,
  id: string
): Effect.Effect<VersionRow, ErrorOf<"Forbidden.KeyVersionNotFound"> | ServiceError> =>
  isKeyVersionId(id)
    ? Effect.flatMap(store.version(key.keyId, id), (row) =>
        row === undefined ? Effect.fail(unknownVersion()) : Effect.succeed(row)
      )
    : Effect.fail(unknownVersion())
