/** Refusals of the console's server that precede any operation. */
import type { Refused } from "./http.ts"
import type { SignInFault } from "./sessions.ts"

export const signInFaults: Readonly<Record<SignInFault, Refused>> = {
  WrongAccessKey: {
    status: 401,
    code: "WrongAccessKey",
    message: "The AccessKey ID does not exist or the secret is wrong."
  },
  WrongToken: {
    status: 401,
    code: "WrongToken",
    message: "The one-time token was used already or has expired. Sign in with an access key."
  },
  TooManyTries: {
    status: 429,
    code: "TooManyTries",
    message: "Too many failed attempts. Wait one minute, then try again."
  }
}

export const notSignedIn: Refused = { status: 401, code: "NotSignedIn", message: "Sign in first." }
export const notFound: Refused = { status: 404, code: "NotFound", message: "The console has no such address." }
export const foreign: Refused = {
  status: 403,
  code: "ForeignOrigin",
  message: "Only the console's own pages may send this request."
}
export const wrongHost: Refused = {
  status: 421,
  code: "WrongHost",
  message: "The console does not answer under this host name."
}
export const onlyRead: Refused = {
  status: 405,
  code: "MethodNotAllowed",
  message: "Pages can be read with GET or HEAD only."
}
export const invalid: Refused = {
  status: 400,
  code: "InvalidRequest",
  message: "The request must name an operation and its parameters."
}
export const notBuilt: Refused = {
  status: 503,
  code: "NotBuilt",
  message: "The console is not built. Run npm run console:build, then restart the server."
}
export const docsNotBuilt: Refused = {
  status: 503,
  code: "NotBuilt",
  message: "The documentation is not built. Run npm run docs:build, then restart the server."
}
export const unavailable: Refused = {
  status: 503,
  code: "ServiceUnavailableTemporary",
  message: "The store does not answer. Try again later."
}
