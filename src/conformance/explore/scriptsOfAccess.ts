/** Written sequences of access: users with few rights, rights that change, and keys of access that are switched off. */
import type { OperationName } from "../adapters/adapter.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

type User = NonNullable<Step["as"]>

const nobody: User = { name: "nobody", permits: [], key: "*" }
const reader: User = { name: "reader", permits: ["Encrypt", "DescribeKey"], key }

const encrypt: Step = { op: "Encrypt", key, text }

const few: Script = [
  make(key),
  make("k2"),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: nobody },
  { op: "Decrypt", of: "c1", as: nobody },
  { op: "DisableKey", key, as: nobody },
  look(),
  { op: "ScheduleKeyDeletion", key, days: 7, as: nobody },
  look(),
  { ...encrypt, as: reader },
  { op: "DescribeKey", key, as: reader },
  { op: "Encrypt", key: "k2", text, as: reader },
  { op: "DisableKey", key, as: reader },
  { op: "Decrypt", of: "c1", as: reader },
  look(),
  { op: "DisableKey", key },
  { ...encrypt, as: reader }
]

const user = (permits: ReadonlyArray<OperationName>, more: Partial<User> = {}): User => ({
  name: "user",
  permits,
  key,
  ...more
})

const all: ReadonlyArray<OperationName> = ["Encrypt", "Decrypt", "DescribeKey", "DisableKey", "TagResource"]

const denied: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: user(all, { denies: ["Encrypt"] }) },
  { op: "Decrypt", of: "c1", as: user(all, { denies: ["Encrypt"] }) },
  { op: "DisableKey", key, as: user(all, { denies: ["DisableKey", "TagResource"] }) },
  look(),
  { op: "TagResource", key, tags: { team: "red" }, as: user(all, { denies: ["DisableKey", "TagResource"] }) },
  { op: "ListResourceTags", key },
  { ...encrypt, as: user(all, { key: "*", denies: ["Encrypt"] }) }
]

/** Rights come and go, and each call is answered by those of its time. */
const changing: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  ...[all, ["Decrypt"] as const, all, ["DescribeKey"] as const, [] as const, all].flatMap((permits): Script => [
    { ...encrypt, as: user(permits) },
    { op: "Decrypt", of: "c1", as: user(permits) }
  ]),
  { op: "DisableKey", key, as: user(["Encrypt"]) },
  look(),
  { op: "DisableKey", key, as: user(["DisableKey"]) },
  look()
]

const switchedOff: Script = [
  make(key),
  { ...encrypt, as: user(all) },
  { ...encrypt, as: user(all, { isOff: true }) },
  { op: "DisableKey", key, as: user(all, { isOff: true }) },
  look(),
  { ...encrypt, as: user(all) },
  { op: "DescribeKey", key, as: user(all, { isOff: true }) }
]

const conditions: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: user(all, { condition: "unmet" }) },
  { op: "DisableKey", key, as: user(all, { condition: "unmet" }) },
  look(),
  { ...encrypt, as: user(all, { condition: "met" }) },
  decrypt("c1"),
  { op: "Decrypt", of: "c1", as: user(all, { condition: "unmet" }) }
]

export const accessScripts: ReadonlyArray<Script> = [few, denied, changing, switchedOff, conditions]
