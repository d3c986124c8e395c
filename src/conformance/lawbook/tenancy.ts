/** Laws about the keys and aliases of an account in a region: their number, and their isolation. */
import { api, guide, law, lawsOf } from "./law.ts"

const quota = lawsOf(
  { name: "quotas", profile: "quotas" },
  {
    "KMS-QUO-001": law(
      "A key is created while the account has fewer keys in the region than the quota.",
      api("quotas"),
      ["CreateKey"]
    ),
    "KMS-QUO-002": law("No key is created beyond the quota of keys.", api("quotas"), ["CreateKey"]),
    "KMS-QUO-003": law(
      "A key counts against the quota in every state until its deletion.",
      api("quotas"),
      ["CreateKey", "ScheduleKeyDeletion"],
      { severity: "SHOULD" }
    ),
    "KMS-QUO-004": law("A refused call does not count against a quota.", api("quotas"), ["CreateKey"]),
    "KMS-QUO-005": law(
      "A deleted key does not count against the quota.",
      api("quotas"),
      ["CreateKey", "ScheduleKeyDeletion"],
      { clock: true }
    ),
    "KMS-QUO-006": law(
      "CreateAlias succeeds while the account has fewer aliases in the region than the quota.",
      api("quotas"),
      ["CreateAlias"]
    ),
    "KMS-QUO-007": law("CreateAlias never exceeds the quota of aliases.", api("quotas"), ["CreateAlias"]),
    "KMS-QUO-008": law(
      "An alias that is deleted, or whose key is deleted, does not count against the quota.",
      api("quotas"),
      ["CreateAlias", "DeleteAlias"]
    ),
    "KMS-QUO-009": law("A key can have as many tags as the quota of tags, and no more.", api("TagResource"), [
      "TagResource"
    ]),
    "KMS-QUO-010": law(
      "An asymmetric key can have as many versions as the quota of versions, and no more.",
      api("CreateKeyVersion"),
      ["CreateKeyVersion"],
      { clock: true }
    ),
    "KMS-QUO-011": law(
      "A tag that replaces another and an alias that moves do not count again.",
      api("quotas"),
      ["TagResource"],
      { severity: "SHOULD" }
    )
  }
)

const place = lawsOf(
  { name: "accounts and regions", profile: "accounts" },
  {
    "KMS-PLC-001": law("No call from another account reads, uses or changes a key.", guide("3"), ["DescribeKey"]),
    "KMS-PLC-002": law("No call in another region reads, uses or changes a key.", guide("3"), ["DescribeKey"]),
    "KMS-PLC-003": law("Ciphertext decrypts only in the account and the region of its key.", api("Decrypt"), [
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-PLC-004": law("A list contains no entry of another account or region.", api("ListKeys"), ["ListKeys"]),
    "KMS-PLC-005": law(
      "A key of another account or region is refused with the same words as a key that does not exist.",
      api("error codes"),
      ["DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-PLC-006": law(
      "No answer contains a name, an id, a description or a tag of another account or region.",
      api("operations"),
      ["DescribeKey"]
    ),
    "KMS-PLC-007": law("An alias name is unique only within its account and region.", api("CreateAlias"), [
      "CreateAlias"
    ]),
    "KMS-PLC-008": law(
      "Keys and aliases count against the quota only in their own account and region.",
      api("quotas"),
      ["CreateKey"]
    )
  }
)

export const tenancyLaws = [...quota, ...place] as const
