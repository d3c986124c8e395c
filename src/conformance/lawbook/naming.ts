/** Laws about names and callers: aliases, tags, access and concurrent calls. */
import { api, guide, law, lawsOf, table } from "./law.ts"

const alias = lawsOf(
  { name: "aliases", profile: "aliases" },
  {
    "KMS-AL-001": law("A call by an alias applies to the key that the alias is bound to.", guide("2, Use aliases"), [
      "CreateAlias",
      "Encrypt"
    ]),
    "KMS-AL-002": law("The name of an existing alias cannot be given again.", api("CreateAlias"), ["CreateAlias"]),
    "KMS-AL-003": law("UpdateAlias binds a name to another key.", guide("2"), ["CreateAlias", "UpdateAlias"]),
    "KMS-AL-004": law("A deleted alias names no key.", guide("2"), ["CreateAlias", "DeleteAlias"]),
    "KMS-AL-005": law("CreateAlias is refused for a key that is PendingDeletion.", table, [
      "CreateAlias",
      "ScheduleKeyDeletion"
    ]),
    "KMS-AL-006": law("UpdateAlias refuses a target key that is PendingDeletion.", table, [
      "UpdateAlias",
      "ScheduleKeyDeletion"
    ]),
    "KMS-AL-007": law("An alias can be deleted in every state of its key.", table, ["CreateAlias", "DeleteAlias"]),
    "KMS-AL-008": law("Ciphertext made by an alias keeps its key when the alias is bound to another key.", guide("2"), [
      "CreateAlias",
      "UpdateAlias",
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-AL-009": law(
      "ListAliasesByKeyId lists each alias of the key once, and no others.",
      api("ListAliasesByKeyId"),
      ["CreateAlias", "ListAliasesByKeyId"]
    ),
    "KMS-AL-010": law("A name that is not `alias/` and 1 to 255 characters is refused.", api("CreateAlias"), [
      "CreateAlias"
    ]),
    "KMS-AL-011": law(
      "A call by an alias that does not exist is answered with Forbidden.AliasNotFound.",
      api("error codes"),
      ["Encrypt"]
    ),
    "KMS-AL-012": law("A call that the key's state refuses is also refused by the alias.", guide("2"), [
      "CreateAlias",
      "DisableKey",
      "Encrypt"
    ]),
    "KMS-AL-013": law("The name of a deleted alias can be used again.", guide("2"), ["CreateAlias", "DeleteAlias"]),
    "KMS-AL-014": law("A key that is not PendingDeletion can be given an alias.", table, ["CreateAlias"]),
    "KMS-AL-015": law("ListAliases lists every alias with the key it is bound to.", api("ListAliases"), [
      "CreateAlias",
      "ListAliases"
    ]),
    "KMS-AL-016": law("Alias names that differ in the case of a letter are two names.", api("CreateAlias"), [
      "CreateAlias",
      "Encrypt"
    ])
  }
)

const tag = lawsOf(
  { name: "tags", profile: "core" },
  {
    "KMS-TAG-001": law("ListResourceTags returns the tags that were written last.", api("ListResourceTags"), [
      "TagResource",
      "ListResourceTags"
    ]),
    "KMS-TAG-002": law("UntagResource removes the tags it names and no others.", api("UntagResource"), [
      "TagResource",
      "UntagResource",
      "ListResourceTags"
    ]),
    "KMS-TAG-003": law("A key that is not PendingDeletion can be tagged and untagged.", table, ["TagResource"]),
    "KMS-TAG-004": law(
      "Tag keys that differ in the case of a letter, or of which one begins the other, are different tags.",
      api("TagResource"),
      ["TagResource", "UntagResource", "ListResourceTags"]
    )
  }
)

const access = lawsOf(
  { name: "access", profile: "policy" },
  {
    "KMS-AC-001": law("A user without permissions is refused every call.", guide("3"), ["Encrypt"]),
    "KMS-AC-002": law("A call without permission changes nothing.", guide("3"), ["DisableKey", "DescribeKey"]),
    "KMS-AC-003": law("A user with permission for an operation on a key may call the operation.", guide("3"), [
      "Encrypt"
    ]),
    "KMS-AC-004": law("A permission on one key does not allow a call on another key.", guide("3"), ["Encrypt"]),
    "KMS-AC-005": law("A permission for one operation does not allow another operation.", guide("3"), [
      "Encrypt",
      "DisableKey"
    ]),
    "KMS-AC-006": law("A Deny overrides every Allow.", guide("3"), ["Encrypt"]),
    "KMS-AC-007": law("A revoked permission allows no later call.", guide("3"), ["Encrypt"]),
    "KMS-AC-008": law("A granted permission allows every later call of its operation.", guide("3"), ["Encrypt"]),
    "KMS-AC-009": law("A call signed with an inactive access key is refused.", guide("3"), ["Encrypt"]),
    "KMS-AC-010": law("A permission under a condition allows exactly the calls that meet the condition.", guide("3"), [
      "Encrypt"
    ]),
    "KMS-AC-011": law(
      "A user who creates, moves or deletes an alias needs permission on the alias and on each of its keys.",
      guide("3"),
      ["CreateAlias"]
    ),
    "KMS-AC-012": law("A permission on an alias does not allow the use of its key.", guide("3"), [
      "CreateAlias",
      "Encrypt"
    ]),
    "KMS-AC-013": law(
      "An Allow of a key policy permits its user, and no other user, the operation on that key, and on no other key.",
      api("SetKeyPolicy"),
      ["SetKeyPolicy", "Encrypt"]
    ),
    "KMS-AC-014": law("A Deny of a key policy overrides every Allow.", api("SetKeyPolicy"), [
      "SetKeyPolicy",
      "Encrypt"
    ]),
    "KMS-AC-015": law("A replaced key policy neither allows nor denies a call.", api("SetKeyPolicy"), [
      "SetKeyPolicy",
      "Encrypt"
    ]),
    "KMS-AC-016": law("SetKeyPolicy succeeds in every state except PendingDeletion.", api("SetKeyPolicy"), [
      "SetKeyPolicy"
    ]),
    "KMS-AC-017": law("A Deny under a condition refuses exactly the calls that meet the condition.", guide("3"), [
      "Encrypt"
    ])
  }
)

const together = lawsOf(
  { name: "concurrency", profile: "core" },
  {
    "KMS-CON-001": law("Concurrent calls have the same result as if they had run one after another.", guide("1"), [
      "EnableKey",
      "DisableKey",
      "DescribeKey"
    ]),
    "KMS-CON-002": law(
      "After a key was disabled or scheduled for deletion, no later call uses it.",
      guide("1, Disable a CMK"),
      ["DisableKey", "Encrypt"]
    ),
    "KMS-CON-004": law(
      "While permissions change, the answers agree with some order of the calls; after a revocation no later call succeeds.",
      guide("3"),
      ["Encrypt"],
      { profile: "policy" }
    ),
    "KMS-CON-003": law(
      "One of several simultaneous calls for one name succeeds.",
      api("CreateAlias"),
      ["CreateAlias"],
      {
        profile: "aliases"
      }
    )
  }
)

export const namingLaws = [...alias, ...tag, ...access, ...together] as const
