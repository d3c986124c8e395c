/** Laws about references to a key, and about what replies say of it. */
import { api, guide, law, lawsOf } from "./law.ts"

const reference = lawsOf(
  { name: "references", profile: "core" },
  {
    "KMS-REF-001": law("The ARN of a key is accepted wherever its id is.", api("KeyId"), ["DescribeKey"], {
      severity: "SHOULD"
    }),
    "KMS-REF-002": law("An ARN with another account is not found.", guide("3"), ["DescribeKey"]),
    "KMS-REF-003": law("An ARN with another region is not found.", guide("3"), ["DescribeKey"]),
    "KMS-REF-004": law("A key id in capitals, cut short or with a blank is not found.", api("KeyId"), ["DescribeKey"], {
      severity: "SHOULD"
    }),
    "KMS-REF-005": law(
      "The ARN of an alias is accepted as a name of its key.",
      api("KeyId"),
      ["CreateAlias", "DescribeKey"],
      { severity: "SHOULD", profile: "aliases" }
    ),
    "KMS-REF-006": law(
      "An operation that takes a key id or an ARN refuses an alias.",
      api("Unsupported.Alias"),
      ["CreateAlias", "DisableKey"],
      { severity: "SHOULD", profile: "aliases" }
    )
  }
)

const metadata = lawsOf(
  { name: "metadata", profile: "core" },
  {
    "KMS-MET-001": law(
      "The ARN, creator, creation date and protection level of a key never change.",
      api("DescribeKey"),
      ["CreateKey", "DescribeKey"]
    ),
    "KMS-MET-002": law("A key has the requested protection level.", api("CreateKey"), ["CreateKey"]),
    "KMS-MET-003": law("The ARN of a key ends with its id, and that of an alias with its name.", api("DescribeKey"), [
      "CreateKey"
    ]),
    "KMS-MET-004": law(
      "Dates are in UTC, in the form yyyy-MM-ddTHH:mm:ssZ.",
      api("DescribeKey"),
      ["CreateKey", "DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-MET-005": law("LastRotationDate is the creation date of the newest version.", guide("8.2"), ["DescribeKey"]),
    "KMS-MET-006": law(
      "DescribeKey returns an expiry exactly while the key has material that expires.",
      api("DescribeKey"),
      ["DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-MET-007": law(
      "The interval and the date of the next rotation are shown exactly while the policy is on.",
      guide("8.2"),
      ["DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-MET-008": law("DescribeKey shows whether deletion protection is on.", api("SetDeletionProtection"), [
      "SetDeletionProtection",
      "DescribeKey"
    ]),
    "KMS-MET-009": law("All keys of an account have the same creator.", api("DescribeKey"), ["CreateKey"]),
    "KMS-MET-010": law(
      "Every error code has its documented HTTP status.",
      api("error codes"),
      ["CreateKey", "DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-MET-011": law("A version is shown with its creation date.", api("ListKeyVersions"), ["ListKeyVersions"], {
      severity: "SHOULD",
      clock: true
    }),
    "KMS-MET-012": law("A reply names the requested key and version.", api("operations"), ["CreateKey"]),
    "KMS-MET-013": law(
      "An asymmetric key has no primary version and no rotation.",
      api("DescribeKey"),
      ["DescribeKey"],
      {
        severity: "SHOULD",
        profile: "asymmetric"
      }
    ),
    "KMS-MET-014": law("CreateKey shows the same of the new key as DescribeKey.", api("CreateKey"), ["CreateKey"], {
      severity: "SHOULD"
    })
  }
)

const list = lawsOf(
  { name: "lists", profile: "core" },
  {
    "KMS-LST-001": law("Every page of a list except the last is full.", api("ListKeys"), ["ListKeys"]),
    "KMS-LST-002": law("No entry of a list is on two pages.", api("ListKeys"), ["ListKeys"]),
    "KMS-LST-003": law("Every page of a list shows the same total number of entries.", api("ListKeys"), ["ListKeys"]),
    "KMS-LST-004": law("The pages of a list together have exactly the existing entries.", api("ListKeys"), [
      "ListKeys"
    ]),
    "KMS-LST-005": law("A page after the last is empty.", api("ListKeys"), ["ListKeys"], { severity: "SHOULD" }),
    "KMS-LST-006": law("A page shows the requested page number and size.", api("ListKeys"), ["ListKeys"], {
      severity: "SHOULD"
    }),
    "KMS-LST-007": law(
      "A page size in the documented range is accepted; a size outside it and page 0 are refused.",
      api("ListKeys"),
      ["ListKeys"],
      { severity: "SHOULD" }
    ),
    "KMS-LST-008": law(
      "A filter lists the keys that have one of its values, and of several filters those that match all.",
      api("ListKeys, Filters"),
      ["ListKeys"]
    ),
    "KMS-LST-009": law(
      "A key that is created while a list is read neither hides nor repeats another key.",
      api("ListKeys"),
      ["CreateKey", "ListKeys"],
      { severity: "SHOULD", clock: true }
    )
  }
)

const restart = lawsOf(
  { name: "restarts", profile: "restart" },
  {
    "KMS-RST-001": law("A restart changes no key: no state, date or setting is lost or comes back.", guide("1"), [
      "DescribeKey"
    ]),
    "KMS-RST-002": law("A restart changes no tags, aliases or versions.", guide("2"), ["ListResourceTags"]),
    "KMS-RST-003": law("A use gets the same answer before and after a restart.", guide("1"), ["Encrypt", "Decrypt"])
  }
)

const wire = lawsOf(
  { name: "wire", profile: "wire" },
  {
    "KMS-WIR-001": law("A repeated request with the same bytes is refused.", api("SignatureNonce"), ["DescribeKey"]),
    "KMS-WIR-002": law(
      "A request with a timestamp more than 15 minutes before or after the current time is refused.",
      api("Timestamp"),
      ["DescribeKey"]
    ),
    "KMS-WIR-003": law("A request with an unsigned parameter is refused.", api("Signature"), ["DescribeKey"]),
    "KMS-WIR-004": law("A request signed with another secret, or with none, is refused.", api("Signature"), [
      "DescribeKey"
    ]),
    "KMS-WIR-005": law("A correct request is accepted with either version of the signature.", api("Signature"), [
      "DescribeKey"
    ]),
    "KMS-WIR-006": law("Keys, aliases and ciphertext of one region do not exist in another.", guide("3"), [
      "DescribeKey"
    ])
  }
)

export const keyDataLaws = [...reference, ...metadata, ...list, ...restart, ...wire] as const
