/** Fixed sequences of calls with DryRun: in every state of the key, and without effect. */
import type { Profile } from "../adapters/adapter.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

const version = `${key}.v1`

/** Each call as a dry run, and then in earnest: the dry run must not change its answer. */
const rehearsedFirst = (steps: ReadonlyArray<Step>): Script =>
  steps.flatMap((step): Script => [{ ...step, isDryRun: true }, step])

const uses: ReadonlyArray<Step> = [
  { op: "Encrypt", key, text },
  decrypt("c1"),
  { op: "GenerateDataKey", key },
  { op: "GenerateDataKeyWithoutPlaintext", key },
  { op: "GenerateAndExportDataKey", key },
  { op: "ExportDataKey", of: "c2" }
]

const pairUses: ReadonlyArray<Step> = [
  { op: "GetPublicKey", key, version },
  { op: "AsymmetricSign", key, version, text },
  { op: "AsymmetricVerify", key, version, of: "s1" }
]

/** The same calls while the key is Enabled, Disabled and PendingDeletion. */
const inEachState = (steps: ReadonlyArray<Step>): Script => [
  ...rehearsedFirst(steps),
  { op: "DisableKey", key },
  ...rehearsedFirst(steps),
  { op: "ScheduleKeyDeletion", key, days: 7 },
  ...rehearsedFirst(steps),
  look()
]

export const dryRunScripts = (has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  [
    make(key),
    { op: "Encrypt", key, text, makes: "c1" },
    { op: "GenerateDataKey", key, bytes: 32, makes: "c2" },
    { op: "Encrypt", twist: "unknownKey", text, isDryRun: true },
    ...inEachState(uses)
  ],
  [
    make(key),
    make("k2"),
    { op: "Encrypt", key, text, makes: "c1" },
    ...rehearsedFirst([{ op: "ReEncrypt", of: "c1", to: "k2" }])
  ],
  ...(has("asymmetric")
    ? [
        [
          make(key, "EC_P256"),
          { op: "ListKeyVersions", key },
          { op: "AsymmetricSign", key, version, text, makes: "s1" },
          ...inEachState(pairUses)
        ] satisfies Script
      ]
    : [])
]
