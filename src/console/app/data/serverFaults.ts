/** What the console's own server refuses, in the language of the page. */
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const faults: Readonly<Record<string, PlainText>> = {
  WrongAccessKey: "The AccessKey ID does not exist or the secret is wrong.",
  WrongToken: "The one-time token was used already or has expired. Sign in with an access key.",
  TooManyTries: "Too many failed attempts. Wait one minute, then try again.",
  NotSignedIn: "Sign in first.",
  ForeignOrigin: "Only the console's own pages may send this request.",
  WrongHost: "The console does not answer under this host name.",
  ServiceUnavailableTemporary: "The store does not answer. Try again later."
}

/** Undefined for a code that an operation answers. */
export const serverFault = (code: string): string | undefined => {
  const found = Object.hasOwn(faults, code) ? faults[code] : undefined
  return found === undefined ? undefined : t(found)
}
