/** What is wrong with a request of the console before any operation is asked. */
import type { Refused } from "./http.ts"
import type { SignInFault } from "./sessions.ts"

export const signInFaults: Readonly<Record<SignInFault, Refused>> = {
  WrongAccessKey: {
    status: 401,
    code: "WrongAccessKey",
    message: "There is no such access key, or its secret is another."
  },
  WrongToken: {
    status: 401,
    code: "WrongToken",
    message: "The one-time token is used up or out of date. Sign in with an access key."
  },
  TooManyTries: { status: 429, code: "TooManyTries", message: "Too many wrong tries: wait a minute." }
}

export const notSignedIn: Refused = { status: 401, code: "NotSignedIn", message: "Sign in first." }
export const notFound: Refused = { status: 404, code: "NotFound", message: "There is nothing here." }
export const foreign: Refused = {
  status: 403,
  code: "ForeignOrigin",
  message: "Only the console's own pages may ask this."
}
export const wrongHost: Refused = { status: 421, code: "WrongHost", message: "This server does not go by that name." }
export const onlyRead: Refused = { status: 405, code: "MethodNotAllowed", message: "Pages can only be read." }
export const invalid: Refused = {
  status: 400,
  code: "InvalidRequest",
  message: "An operation and its parameters are needed."
}
export const notBuilt: Refused = {
  status: 503,
  code: "NotBuilt",
  message: "The console is not built: run npm run console:build, then start again."
}
