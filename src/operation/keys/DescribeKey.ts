/** Shows a CMK: its state, its kind, its dates. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyMetadata } from "./keyMetadata.ts"
import { keyOperation } from "../operation.ts"

export const DescribeKey = keyOperation({
  about: "Shows the state, kind and dates of a CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.DescribeKey],
  Request: { KeyId: keyIdOrAlias },
  permission: { on: "key", alias: true },
  handle: (_request, _call, key) =>
    Effect.mapEager(key.gate("DescribeKey"), () => {
      const { deletionProtection } = key.snapshot().context
      return {
        KeyMetadata: {
          ...keyMetadata(key),
          DeletionProtection: deletionProtection ? "Enabled" : "Disabled",
          DeletionProtectionDescription: key.metadata().deletionProtectionDescription ?? ""
        }
      }
    })
})
