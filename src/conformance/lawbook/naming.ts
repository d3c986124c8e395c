/** Laws about names and callers: aliases, tags, access and concurrent calls. */
import { api, guide, law, lawsOf, table } from "./law.ts"

const alias = lawsOf(
  { name: "aliases", profile: "aliases" },
  {
    "KMS-AL-001": law("An alias stands for the key it is bound to.", guide("2, Use aliases"), [
      "CreateAlias",
      "Encrypt"
    ]),
    "KMS-AL-002": law("The name of an existing alias cannot be given again.", api("CreateAlias"), ["CreateAlias"]),
    "KMS-AL-003": law("UpdateAlias binds a name to another key.", guide("2"), ["CreateAlias", "UpdateAlias"]),
    "KMS-AL-004": law("A deleted alias names no key.", guide("2"), ["CreateAlias", "DeleteAlias"]),
    "KMS-AL-005": law("A key that is PendingDeletion gets no alias.", table, ["CreateAlias", "ScheduleKeyDeletion"]),
    "KMS-AL-006": law("An alias does not move to a key that is PendingDeletion.", table, [
      "UpdateAlias",
      "ScheduleKeyDeletion"
    ]),
    "KMS-AL-007": law("An alias can be deleted in every state of its key.", table, ["CreateAlias", "DeleteAlias"]),
    "KMS-AL-008": law("Ciphertext stays with its key when the alias it was made by moves.", guide("2"), [
      "CreateAlias",
      "UpdateAlias",
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-AL-009": law("A key's aliases are listed, each once, and no others.", api("ListAliasesByKeyId"), [
      "CreateAlias",
      "ListAliasesByKeyId"
    ]),
    "KMS-AL-010": law("A name that is not `alias/` and 1 to 255 characters is refused.", api("CreateAlias"), [
      "CreateAlias"
    ]),
    "KMS-AL-011": law("An alias that does not exist answers Forbidden.AliasNotFound.", api("error codes"), ["Encrypt"]),
    "KMS-AL-012": law("An alias passes on its key's state: what the key refuses is refused through it.", guide("2"), [
      "CreateAlias",
      "DisableKey",
      "Encrypt"
    ]),
    "KMS-AL-013": law("A name is free again once it is deleted.", guide("2"), ["CreateAlias", "DeleteAlias"]),
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
    "KMS-TAG-001": law("Tags are listed as they were last written.", api("ListResourceTags"), [
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
    "KMS-AC-002": law("A call that was not permitted changes nothing.", guide("3"), ["DisableKey", "DescribeKey"]),
    "KMS-AC-003": law("A user with permission for an operation on a key may call the operation.", guide("3"), [
      "Encrypt"
    ]),
    "KMS-AC-004": law("A permission on one key does not allow a call on another key.", guide("3"), ["Encrypt"]),
    "KMS-AC-005": law("A permission for one operation does not allow another operation.", guide("3"), [
      "Encrypt",
      "DisableKey"
    ]),
    "KMS-AC-006": law("A Deny decides against every Allow.", guide("3"), ["Encrypt"]),
    "KMS-AC-007": law("A permission that was taken away allows nothing from then on.", guide("3"), ["Encrypt"]),
    "KMS-AC-008": law("A permission that was given allows its operation from then on.", guide("3"), ["Encrypt"]),
    "KMS-AC-009": law("An access key that is switched off signs no call.", guide("3"), ["Encrypt"]),
    "KMS-AC-010": law("A permission under a condition allows exactly the calls that meet the condition.", guide("3"), [
      "Encrypt"
    ]),
    "KMS-AC-011": law(
      "A user who creates, moves or deletes an alias needs permission on the alias and on each of its keys.",
      guide("3"),
      ["CreateAlias"]
    ),
    "KMS-AC-012": law("A permission on an alias allows no use of the key it stands for.", guide("3"), [
      "CreateAlias",
      "Encrypt"
    ]),
    "KMS-AC-013": law(
      "An Allow of a key policy permits its user, and no other user, the operation on that key, and on no other key.",
      api("SetKeyPolicy"),
      ["SetKeyPolicy", "Encrypt"]
    ),
    "KMS-AC-014": law("A Deny of a key policy decides against every Allow.", api("SetKeyPolicy"), [
      "SetKeyPolicy",
      "Encrypt"
    ]),
    "KMS-AC-015": law("A key policy that was replaced neither permits nor denies.", api("SetKeyPolicy"), [
      "SetKeyPolicy",
      "Encrypt"
    ]),
    "KMS-AC-016": law("A key policy is set in every state but PendingDeletion.", api("SetKeyPolicy"), ["SetKeyPolicy"])
  }
)

const together = lawsOf(
  { name: "concurrency", profile: "core" },
  {
    "KMS-CON-001": law("Calls that run at the same time end as if they had run one after another.", guide("1"), [
      "EnableKey",
      "DisableKey",
      "DescribeKey"
    ]),
    "KMS-CON-002": law(
      "Once a key was disabled or scheduled for deletion, no later call uses it.",
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
