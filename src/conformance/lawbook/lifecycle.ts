/** Laws about a key's lifecycle: its states, the transitions from each, and its end. */
import { api, guide, law, lawsOf, table } from "./law.ts"

const life = lawsOf(
  { name: "lifecycle", profile: "core" },
  {
    "KMS-LC-001": law("A key whose material the service generates is Enabled after CreateKey.", api("CreateKey"), [
      "CreateKey"
    ]),
    "KMS-LC-002": law("A key of origin EXTERNAL is PendingImport after CreateKey.", guide("4.3"), ["CreateKey"], {
      profile: "import"
    }),
    "KMS-LC-003": law("A Disabled key never decrypts.", guide("1, Disable a CMK"), ["DisableKey", "Decrypt"]),
    "KMS-LC-004": law("A Disabled key never encrypts.", guide("1, Disable a CMK"), ["DisableKey", "Encrypt"]),
    "KMS-LC-005": law("A Disabled key never generates data keys.", table, ["DisableKey", "GenerateDataKey"]),
    "KMS-LC-006": law("A Disabled asymmetric key refuses every use.", table, ["DisableKey", "AsymmetricSign"], {
      profile: "asymmetric"
    }),
    "KMS-LC-007": law("An Enabled symmetric key encrypts.", table, ["Encrypt"]),
    "KMS-LC-008": law("An Enabled key decrypts what it encrypted.", table, ["Encrypt", "Decrypt"]),
    "KMS-LC-009": law("EnableKey makes a Disabled key Enabled.", guide("1"), ["EnableKey", "DisableKey"]),
    "KMS-LC-010": law("DisableKey makes an Enabled key Disabled.", guide("1, Disable a CMK"), [
      "DisableKey",
      "DescribeKey"
    ]),
    "KMS-LC-011": law(
      "EnableKey on an Enabled key and DisableKey on a Disabled one succeed and change nothing.",
      table,
      ["EnableKey", "DisableKey"]
    ),
    "KMS-LC-012": law("A key that is PendingDeletion can be neither enabled nor disabled.", table, [
      "ScheduleKeyDeletion",
      "EnableKey",
      "DisableKey"
    ]),
    "KMS-LC-013": law(
      "A key that is PendingImport can be neither enabled nor disabled.",
      table,
      ["EnableKey", "DisableKey"],
      {
        profile: "import"
      }
    ),
    "KMS-LC-014": law("A key can be described in every state.", table, ["DescribeKey"]),
    "KMS-LC-015": law("A refused call changes nothing.", table, ["DescribeKey"]),
    "KMS-LC-016": law("A call about one key changes no other key.", guide("1"), ["DescribeKey"]),
    "KMS-LC-017": law(
      "A refused change of state is answered with Rejected.StateModifiedFailed.",
      table,
      ["EnableKey", "ScheduleKeyDeletion"],
      { severity: "SHOULD" }
    ),
    "KMS-LC-018": law(
      "The error of a refused use names the state: Rejected.Disabled, .PendingDeletion or .PendingImport.",
      table,
      ["Encrypt", "DisableKey"],
      { severity: "SHOULD" }
    ),
    "KMS-LC-019": law(
      "A call for a key that does not exist is answered with Forbidden.KeyNotFound.",
      api("error codes"),
      ["DescribeKey"]
    ),
    "KMS-LC-020": law("ListKeys lists every key that exists.", api("ListKeys"), ["ListKeys"]),
    "KMS-LC-021": law("DescribeKey returns the description that was written last.", api("UpdateKeyDescription"), [
      "UpdateKeyDescription",
      "DescribeKey"
    ]),
    "KMS-LC-022": law(
      "DescribeKey shows the kind, usage and origin that the key was created with.",
      api("DescribeKey"),
      ["CreateKey", "DescribeKey"]
    ),
    "KMS-LC-023": law("Replies have the members that the API documents.", api("operations"), ["CreateKey"]),
    "KMS-LC-024": law("Every key has a unique id.", api("CreateKey"), ["CreateKey"]),
    "KMS-LC-025": law("A description can be changed unless the key is PendingDeletion.", table, [
      "UpdateKeyDescription"
    ]),
    "KMS-LC-026": law("No call makes the service fail: a wrong request is refused.", api("error codes"), ["CreateKey"]),
    "KMS-LC-027": law(
      "A page of a list has no more entries than requested, and no entry is on two pages.",
      api("ListKeys"),
      ["ListKeys"]
    )
  }
)

const end = lawsOf(
  { name: "deletion", profile: "core" },
  {
    "KMS-DEL-001": law("ScheduleKeyDeletion makes a key PendingDeletion.", guide("1, Schedule key deletion"), [
      "ScheduleKeyDeletion",
      "DescribeKey"
    ]),
    "KMS-DEL-002": law("A waiting period outside the documented range is refused.", guide("1, Schedule key deletion"), [
      "ScheduleKeyDeletion"
    ]),
    "KMS-DEL-003": law("A key that is PendingDeletion never decrypts.", table, ["ScheduleKeyDeletion", "Decrypt"]),
    "KMS-DEL-004": law("A key that is PendingDeletion never encrypts.", table, ["ScheduleKeyDeletion", "Encrypt"]),
    "KMS-DEL-005": law("A key that is PendingDeletion never generates data keys.", table, [
      "ScheduleKeyDeletion",
      "GenerateDataKey"
    ]),
    "KMS-DEL-006": law(
      "An asymmetric key that is PendingDeletion refuses every use.",
      table,
      ["ScheduleKeyDeletion", "AsymmetricSign"],
      {
        profile: "asymmetric"
      }
    ),
    "KMS-DEL-007": law(
      "CancelKeyDeletion cancels the deletion, and the key returns to the documented state.",
      guide("1, Schedule key deletion"),
      ["ScheduleKeyDeletion", "CancelKeyDeletion", "DescribeKey"]
    ),
    "KMS-DEL-008": law("CancelKeyDeletion is refused unless the key is PendingDeletion.", table, ["CancelKeyDeletion"]),
    "KMS-DEL-009": law("ScheduleKeyDeletion is refused if the deletion is already scheduled.", table, [
      "ScheduleKeyDeletion"
    ]),
    "KMS-DEL-010": law(
      "At its deletion date a key stops existing, for every operation.",
      guide("1, Schedule key deletion"),
      ["ScheduleKeyDeletion"],
      { clock: true }
    ),
    "KMS-DEL-011": law(
      "A key is not deleted before its deletion date.",
      guide("1, Schedule key deletion"),
      ["ScheduleKeyDeletion"],
      {
        clock: true
      }
    ),
    "KMS-DEL-012": law(
      "A deleted key never comes back.",
      guide("1, Schedule key deletion"),
      ["ScheduleKeyDeletion", "CancelKeyDeletion"],
      { clock: true }
    ),
    "KMS-DEL-013": law(
      "The aliases of a key are deleted with the key.",
      guide("2, Use aliases"),
      ["ScheduleKeyDeletion", "CreateAlias"],
      { clock: true, severity: "SHOULD", profile: "aliases" }
    ),
    "KMS-DEL-014": law(
      "ScheduleKeyDeletion is refused while deletion protection is on.",
      api("SetDeletionProtection"),
      ["SetDeletionProtection", "ScheduleKeyDeletion"]
    ),
    "KMS-DEL-015": law("A key that is PendingDeletion refuses changes of description, protection and tags.", table, [
      "ScheduleKeyDeletion",
      "UpdateKeyDescription"
    ]),
    "KMS-DEL-016": law(
      "The deletion date is the time of the call plus the requested period.",
      api("ScheduleKeyDeletion"),
      ["ScheduleKeyDeletion", "DescribeKey"]
    ),
    "KMS-DEL-017": law(
      "A key has a deletion date exactly while it is PendingDeletion.",
      api("DescribeKey"),
      ["ScheduleKeyDeletion", "CancelKeyDeletion", "DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-DEL-018": law("A key in any other state can be scheduled for deletion, if it is not protected.", table, [
      "ScheduleKeyDeletion"
    ]),
    "KMS-DEL-019": law("A deletion can be cancelled until its date.", table, ["CancelKeyDeletion"]),
    "KMS-DEL-020": law("Without a period, the documented default applies.", guide("1, Schedule key deletion"), [
      "ScheduleKeyDeletion",
      "DescribeKey"
    ]),
    "KMS-DEL-021": law(
      "Deletion protection can be switched on and off unless the key is PendingDeletion.",
      api("SetDeletionProtection"),
      ["SetDeletionProtection"]
    )
  }
)

const time = lawsOf(
  { name: "time", profile: "core" },
  {
    "KMS-TM-001": law(
      "A creation date is the time of the call by the service's clock.",
      api("CreateKey"),
      ["CreateKey"],
      { clock: true }
    ),
    "KMS-TM-002": law(
      "When time advances far, the deadlines of several keys fire each at its own date.",
      guide("8.2"),
      ["ScheduleKeyDeletion", "DescribeKey"],
      { clock: true }
    )
  }
)

const service = lawsOf(
  { name: "service keys", profile: "service" },
  {
    "KMS-SVC-001": law("Users can view the key of a cloud service, and do nothing else with it.", guide("2 and 3"), [
      "DescribeKey",
      "Encrypt"
    ])
  }
)

export const lifecycleLaws = [...life, ...end, ...time, ...service] as const
