/** What trials of a token share: keys that last no longer than the trial, and a failure that stays the trial's own. */
import type { Template } from "pkcs11js"
import { pkcs11js } from "./library.ts"
import type { Token } from "./token.ts"

export const passing: Template = [
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  { type: pkcs11js.CKA_EXTRACTABLE, value: false }
]

/** Whether it works; whatever it was that did not, the next trial begins with a session of its own. */
export const works = (token: Token, trial: () => boolean): boolean => {
  try {
    return trial()
  } catch {
    token.renewSession()
    return false
  }
}
