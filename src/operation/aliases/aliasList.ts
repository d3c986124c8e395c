/** Aliases as the lists show them (API reference 5). */
import { aliasArn } from "../../domain/ids.ts"
import type { Realm } from "../../domain/ids.ts"
import type { AliasPage } from "../../store/store.ts"

export const aliasList = (
  realm: Realm,
  { total, aliases }: AliasPage,
  { PageNumber, PageSize }: { readonly PageNumber: number; readonly PageSize: number }
) => ({
  Aliases: {
    Alias: aliases.map((alias) => ({
      AliasName: alias.aliasName,
      KeyId: alias.keyId,
      AliasArn: aliasArn(realm, alias.aliasName)
    }))
  },
  TotalCount: total,
  PageNumber,
  PageSize
})
