/** Laws of a key's life: the states, the way out of each, and its end. */
import { api, guide, lawsOf, table } from "./law.ts"
import type { Law } from "./law.ts"

const life = lawsOf({ prefix: "LC", name: "lifecycle", profile: "core" })
const end = lawsOf({ prefix: "DEL", name: "deletion", profile: "core" })
const time = lawsOf({ prefix: "TM", name: "time", profile: "core" })
const service = lawsOf({ prefix: "SVC", name: "service keys", profile: "service" })

export const lifecycleLaws: ReadonlyArray<Law> = [
  life(1, "A key made by the service is Enabled from the start.", api("CreateKey"), ["CreateKey"]),
  life(2, "A key of origin EXTERNAL is PendingImport from the start.", guide("4.3"), ["CreateKey"], {
    profile: "import"
  }),
  life(3, "A Disabled key never decrypts.", guide("1, Disable a CMK"), ["DisableKey", "Decrypt"]),
  life(4, "A Disabled key never encrypts.", guide("1, Disable a CMK"), ["DisableKey", "Encrypt"]),
  life(5, "A Disabled key never makes data keys.", table, ["DisableKey", "GenerateDataKey"]),
  life(6, "A Disabled key of a pair is never used.", table, ["DisableKey", "AsymmetricSign"], {
    profile: "asymmetric"
  }),
  life(7, "An Enabled symmetric key encrypts.", table, ["Encrypt"]),
  life(8, "An Enabled key decrypts what it encrypted.", table, ["Encrypt", "Decrypt"]),
  life(9, "EnableKey makes a Disabled key Enabled.", guide("1"), ["EnableKey", "DisableKey"]),
  life(10, "DisableKey makes an Enabled key Disabled.", guide("1, Disable a CMK"), ["DisableKey", "DescribeKey"]),
  life(11, "EnableKey on an Enabled key and DisableKey on a Disabled one succeed and change nothing.", table, [
    "EnableKey",
    "DisableKey"
  ]),
  life(12, "A key that is PendingDeletion can be neither enabled nor disabled.", table, [
    "ScheduleKeyDeletion",
    "EnableKey",
    "DisableKey"
  ]),
  life(13, "A key that is PendingImport can be neither enabled nor disabled.", table, ["EnableKey", "DisableKey"], {
    profile: "import"
  }),
  life(14, "A key can be described in every state.", table, ["DescribeKey"]),
  life(15, "A refused call changes nothing.", table, ["DescribeKey"]),
  life(16, "A call about one key changes no other key.", guide("1"), ["DescribeKey"]),
  life(
    17,
    "A refused change of state answers Rejected.StateModifiedFailed.",
    table,
    ["EnableKey", "ScheduleKeyDeletion"],
    { severity: "SHOULD" }
  ),
  life(
    18,
    "A refused use names the state that refused it: Rejected.Disabled, .PendingDeletion or .PendingImport.",
    table,
    ["Encrypt", "DisableKey"],
    { severity: "SHOULD" }
  ),
  life(19, "A key that does not exist answers Forbidden.KeyNotFound.", api("error codes"), ["DescribeKey"]),
  life(20, "ListKeys lists every key that exists.", api("ListKeys"), ["ListKeys"]),
  life(21, "A description is shown as it was last written.", api("UpdateKeyDescription"), [
    "UpdateKeyDescription",
    "DescribeKey"
  ]),
  life(22, "DescribeKey tells the kind, usage and origin the key was made with.", api("DescribeKey"), [
    "CreateKey",
    "DescribeKey"
  ]),
  life(23, "Replies carry the members that the API lists for them.", api("operations"), ["CreateKey"]),
  life(24, "Every key has an id of its own.", api("CreateKey"), ["CreateKey"]),
  life(25, "A description can be changed unless the key is PendingDeletion.", table, ["UpdateKeyDescription"]),
  life(27, "A page of a list holds no more than was asked for, and no entry stands on two.", api("ListKeys"), [
    "ListKeys"
  ]),
  life(26, "No call makes the service fail: what is wrong is refused.", api("error codes"), ["CreateKey"]),
  end(1, "ScheduleKeyDeletion makes a key PendingDeletion.", guide("1, Schedule key deletion"), [
    "ScheduleKeyDeletion",
    "DescribeKey"
  ]),
  end(2, "A waiting period outside the documented range is refused.", guide("1, Schedule key deletion"), [
    "ScheduleKeyDeletion"
  ]),
  end(3, "A key that is PendingDeletion never decrypts.", table, ["ScheduleKeyDeletion", "Decrypt"]),
  end(4, "A key that is PendingDeletion never encrypts.", table, ["ScheduleKeyDeletion", "Encrypt"]),
  end(5, "A key that is PendingDeletion never makes data keys.", table, ["ScheduleKeyDeletion", "GenerateDataKey"]),
  end(6, "A key of a pair that is PendingDeletion is never used.", table, ["ScheduleKeyDeletion", "AsymmetricSign"], {
    profile: "asymmetric"
  }),
  end(
    7,
    "CancelKeyDeletion ends the wait, and the key is in the state the service documents.",
    guide("1, Schedule key deletion"),
    ["ScheduleKeyDeletion", "CancelKeyDeletion", "DescribeKey"]
  ),
  end(8, "Only a key that is PendingDeletion has a deletion to cancel.", table, ["CancelKeyDeletion"]),
  end(9, "A deletion that is scheduled cannot be scheduled again.", table, ["ScheduleKeyDeletion"]),
  end(
    10,
    "At its date a key is gone, for every operation.",
    guide("1, Schedule key deletion"),
    ["ScheduleKeyDeletion"],
    { clock: true }
  ),
  end(11, "A key is not deleted before its date.", guide("1, Schedule key deletion"), ["ScheduleKeyDeletion"], {
    clock: true
  }),
  end(
    12,
    "A key that is gone never comes back.",
    guide("1, Schedule key deletion"),
    ["ScheduleKeyDeletion", "CancelKeyDeletion"],
    { clock: true }
  ),
  end(
    13,
    "The aliases of a key that is gone are gone with it.",
    guide("2, Use aliases"),
    ["ScheduleKeyDeletion", "CreateAlias"],
    { clock: true, severity: "SHOULD", profile: "aliases" }
  ),
  end(14, "A protected key is not scheduled for deletion.", api("SetDeletionProtection"), [
    "SetDeletionProtection",
    "ScheduleKeyDeletion"
  ]),
  end(15, "A key that is PendingDeletion takes no new description, protection or tags.", table, [
    "ScheduleKeyDeletion",
    "UpdateKeyDescription"
  ]),
  end(16, "The deletion date is the time of the call and the period asked for.", api("ScheduleKeyDeletion"), [
    "ScheduleKeyDeletion",
    "DescribeKey"
  ]),
  end(
    17,
    "A key has a deletion date exactly while it is PendingDeletion.",
    api("DescribeKey"),
    ["ScheduleKeyDeletion", "CancelKeyDeletion", "DescribeKey"],
    { severity: "SHOULD" }
  ),
  end(18, "A key in any other state can be scheduled for deletion, if it is not protected.", table, [
    "ScheduleKeyDeletion"
  ]),
  end(19, "A deletion can be cancelled until its date.", table, ["CancelKeyDeletion"]),
  end(20, "Without a period the documented one applies.", guide("1, Schedule key deletion"), [
    "ScheduleKeyDeletion",
    "DescribeKey"
  ]),
  end(21, "Protection can be switched on and off unless the key is PendingDeletion.", api("SetDeletionProtection"), [
    "SetDeletionProtection"
  ]),
  time(
    1,
    "The clock shows in what is made: a creation date is the time of the call.",
    api("CreateKey"),
    ["CreateKey"],
    { clock: true }
  ),
  time(
    2,
    "Deadlines of several keys fall each at its own date when time moves on far.",
    guide("8.2"),
    ["ScheduleKeyDeletion", "DescribeKey"],
    { clock: true }
  ),
  service(1, "The key of a cloud service is viewed and nothing else.", guide("2 and 3"), ["DescribeKey", "Encrypt"])
]
