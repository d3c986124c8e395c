/** What a caller may see of keys, by the policies that decide the caller's calls. */
import type { Access } from "../../authorization/access.ts"
import { resourceArn } from "../../authorization/caller.ts"
import type { KeyId } from "../../domain/ids.ts"
import type { KeyMetadata } from "../../records/rows.ts"
import { notGranted } from "../../requests/notGranted.ts"
import type { Refusal } from "../protocol.ts"
import { refusalOf } from "./asker.ts"
import type { Asker } from "./asker.ts"

/** A key with the attributes that policies test. */
export interface SeenKey {
  readonly keyId: KeyId
  readonly metadata: KeyMetadata
}

export interface Sight {
  readonly mayView: (key: SeenKey) => boolean
  /** The refusal of DescribeKey for a key that the caller may not view. */
  readonly refusalFor: (key: SeenKey) => Refusal
  readonly seesAliases: boolean
  readonly seesTags: boolean
}

export const sightOf = ({ rule }: Access["Service"], { caller, circumstances, realm }: Asker): Sight => {
  const grants = (action: string, relative: string, key?: KeyMetadata): boolean =>
    caller.kind === "root" ||
    rule({ caller, action, resource: resourceArn({ realm, relative }), circumstances, key }).effect === "Allow"
  return {
    mayView: ({ keyId, metadata }) => grants("kms:DescribeKey", `key/${keyId}`, metadata),
    refusalFor: ({ keyId }) =>
      refusalOf(notGranted(caller, "kms:DescribeKey", resourceArn({ realm, relative: `key/${keyId}` }))),
    seesAliases: grants("kms:ListAliases", "alias"),
    seesTags: grants("kms:ListTagResources", "key")
  }
}
