/** Fixed sequences of requests that are wrong on the wire. */
import { wireForms } from "../adapters/adapter.ts"
import type { SignatureVersion, WireForm } from "../adapters/adapter.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

const sent = (step: Step, form: WireForm, signature: SignatureVersion): Step => ({ ...step, wire: { form, signature } })

const describe: Step = { op: "DescribeKey", key }
const disable: Step = { op: "DisableKey", key }
const encrypt: Step = { op: "Encrypt", key, text }

const wrong = wireForms.filter((form) => form !== "sound" && form !== "repeated")

/** The repeated request would change the key, and later calls show whether it did. */
const repeated = (signature: SignatureVersion): Script => [
  sent(describe, "sound", signature),
  sent(describe, "repeated", signature),
  sent(encrypt, "sound", signature),
  sent(encrypt, "repeated", signature),
  sent(disable, "sound", signature),
  { op: "EnableKey", key },
  sent(disable, "repeated", signature),
  look()
]

const wrongly = (signature: SignatureVersion): Script =>
  wrong.flatMap((form): Script => [
    sent(describe, form, signature),
    sent(encrypt, form, signature),
    sent(disable, form, signature),
    look(),
    sent({ op: "UpdateKeyDescription", key, text: "by nobody" }, form, signature),
    look(),
    sent(decrypt("c1"), form, signature)
  ])

export const wireScripts = (["v1", "v3"] as const).map((signature): Script => [
  make(key),
  { op: "Encrypt", key, text, makes: "c1" },
  ...repeated(signature),
  ...wrongly(signature),
  decrypt("c1")
])
