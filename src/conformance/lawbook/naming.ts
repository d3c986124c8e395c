/** Laws of names and of those who ask: aliases, tags, access, and what happens when many ask at once. */
import { api, guide, lawsOf, table } from "./law.ts"
import type { Law } from "./law.ts"

const alias = lawsOf({ prefix: "AL", name: "aliases", profile: "aliases" })
const tag = lawsOf({ prefix: "TAG", name: "tags", profile: "core" })
const access = lawsOf({ prefix: "AC", name: "access", profile: "policy" })
const together = lawsOf({ prefix: "CON", name: "concurrency", profile: "core" })

export const namingLaws: ReadonlyArray<Law> = [
  alias(1, "An alias stands for the key it is bound to.", guide("2, Use aliases"), ["CreateAlias", "Encrypt"]),
  alias(2, "A name that is taken is not given again.", api("CreateAlias"), ["CreateAlias"]),
  alias(3, "UpdateAlias binds a name to another key.", guide("2"), ["CreateAlias", "UpdateAlias"]),
  alias(4, "A deleted alias stands for nothing.", guide("2"), ["CreateAlias", "DeleteAlias"]),
  alias(5, "A key that is PendingDeletion gets no alias.", table, ["CreateAlias", "ScheduleKeyDeletion"]),
  alias(6, "An alias does not move to a key that is PendingDeletion.", table, ["UpdateAlias", "ScheduleKeyDeletion"]),
  alias(7, "An alias can be deleted whatever state its key is in.", table, ["CreateAlias", "DeleteAlias"]),
  alias(8, "Ciphertext stays with its key when the alias it was made by moves.", guide("2"), [
    "CreateAlias",
    "UpdateAlias",
    "Encrypt",
    "Decrypt"
  ]),
  alias(9, "A key's aliases are listed, each once, and no others.", api("ListAliasesByKeyId"), [
    "CreateAlias",
    "ListAliasesByKeyId"
  ]),
  alias(10, "A name that is not `alias/` and 1 to 255 characters is refused.", api("CreateAlias"), ["CreateAlias"]),
  alias(11, "An alias that does not exist answers Forbidden.AliasNotFound.", api("error codes"), ["Encrypt"]),
  alias(12, "An alias passes on its key's state: what the key refuses is refused through it.", guide("2"), [
    "CreateAlias",
    "DisableKey",
    "Encrypt"
  ]),
  alias(13, "A name is free again once it is deleted.", guide("2"), ["CreateAlias", "DeleteAlias"]),
  alias(14, "A key that is not PendingDeletion can be given an alias.", table, ["CreateAlias"]),
  alias(15, "ListAliases lists every alias with the key it is bound to.", api("ListAliases"), [
    "CreateAlias",
    "ListAliases"
  ]),
  tag(1, "Tags are listed as they were last written.", api("ListResourceTags"), ["TagResource", "ListResourceTags"]),
  tag(2, "UntagResource removes the tags it names and no others.", api("UntagResource"), [
    "TagResource",
    "UntagResource",
    "ListResourceTags"
  ]),
  tag(3, "A key that is not PendingDeletion can be tagged and untagged.", table, ["TagResource"]),
  access(1, "Who was permitted nothing is refused everything.", guide("3"), ["Encrypt"]),
  access(2, "A call that was not permitted changes nothing.", guide("3"), ["DisableKey", "DescribeKey"]),
  access(3, "Who was permitted an operation on a key may call it.", guide("3"), ["Encrypt"]),
  access(4, "A permission on one key is none on another.", guide("3"), ["Encrypt"]),
  access(5, "A permission for one operation is none for another.", guide("3"), ["Encrypt", "DisableKey"]),
  together(1, "Calls that run at the same time end as if they had run one after another.", guide("1"), [
    "EnableKey",
    "DisableKey",
    "DescribeKey"
  ]),
  together(2, "Once a key was disabled or scheduled for deletion, no later call uses it.", guide("1, Disable a CMK"), [
    "DisableKey",
    "Encrypt"
  ]),
  together(3, "Of several calls for one name, one gets it.", api("CreateAlias"), ["CreateAlias"], {
    profile: "aliases"
  })
]
