/** RAM parameters: names, texts and documents; and the actor of a change of access control. */
import { policyCharsMax, policyNameCharsMax, principalNameCharsMax } from "../../domain/limits.ts"
import { refuse } from "../../domain/errors.ts"
import type { ErrorCode } from "../../domain/errors.ts"
import { noXmlChar } from "../../encoding/xmlText.ts"
import type { BoundedName, BoundedText, FormattedText } from "../../domain/ramErrors.ts"
import type { Actor } from "../../authorization/accessControl.ts"
import type { Call } from "../operation.ts"
import type { JsonDocument, Kind } from "../parameters.ts"
import { asciiText, asDocument, optional, required, text, wireBytesPerAsciiChar } from "../parameters.ts"

interface NameForm {
  /** The characters of a name, as a character class. */
  readonly chars: string
  readonly charsMax: number
  readonly form: string
}

const nameForms = {
  user: {
    chars: "A-Za-z0-9._@-",
    charsMax: principalNameCharsMax,
    form: `1 to ${principalNameCharsMax} letters, digits, \`.\`, \`_\`, \`@\` or \`-\``
  },
  principal: {
    chars: "A-Za-z0-9._-",
    charsMax: principalNameCharsMax,
    form: `1 to ${principalNameCharsMax} letters, digits, \`.\`, \`_\` or \`-\``
  },
  policy: {
    chars: "A-Za-z0-9-",
    charsMax: policyNameCharsMax,
    form: `1 to ${policyNameCharsMax} letters, digits or \`-\``
  }
} as const satisfies Record<string, NameForm>

const isLong = (given: unknown, charsMax: number): boolean =>
  typeof given === "string" && (given.length === 0 || given.length > charsMax)

/** A name. A wrong length and wrong characters have different codes. */
const nameOf = <Name extends BoundedName>(
  parameter: Name,
  { chars, charsMax, form }: NameForm
): Kind<string, string, `InvalidParameter.${Name}.${"Length" | "InvalidChars"}`> => {
  const pattern = new RegExp(`^[${chars}]{1,${charsMax}}$`)
  return {
    read: (given) => (typeof given === "string" && pattern.test(given) ? given : undefined),
    form,
    wireBytesMax: charsMax * wireBytesPerAsciiChar,
    invalidError: (given) => {
      const details = { parameter, hint: `${parameter} must be ${form}.` }
      return isLong(given, charsMax)
        ? refuse(`InvalidParameter.${parameter}.Length`, details)
        : refuse(`InvalidParameter.${parameter}.InvalidChars`, details)
    }
  }
}

export const userName = nameOf("UserName", nameForms.user)
export const newUserName = nameOf("NewUserName", nameForms.user)
export const groupName = nameOf("GroupName", nameForms.principal)
export const newGroupName = nameOf("NewGroupName", nameForms.principal)
export const roleName = nameOf("RoleName", nameForms.principal)
export const policyName = nameOf("PolicyName", nameForms.policy)

/** The errors of an invalid name. */
export const nameErrors = <Name extends BoundedName>(parameter: Name) =>
  [`InvalidParameter.${parameter}.Length`, `InvalidParameter.${parameter}.InvalidChars`] as const

/** Text up to a length; it may be empty. Answers repeat it, in XML by default, so XML must be able to carry it. */
export const textOf = <Name extends BoundedText>(
  parameter: Name,
  charsMax: number
): Kind<string, string, `InvalidParameter.${Name}.Length`> => {
  const bounded = text({ charsMax })
  return {
    ...bounded,
    read: (given) => {
      const read = bounded.read(given)
      return read === undefined || noXmlChar.test(read) ? undefined : read
    },
    invalidError: (given) =>
      bounded.read(given) === undefined
        ? refuse(`InvalidParameter.${parameter}.Length`, {
            parameter,
            hint: `${parameter} has up to ${charsMax} characters.`
          })
        : refuse("InvalidParameter", { parameter, hint: `${parameter} has a character that XML 1.0 cannot carry.` })
  }
}

/** A policy document. Its content is checked later and has different codes. */
export const documentOf = <Name extends BoundedText>(
  parameter: Name
): Kind<JsonDocument | string, string, `InvalidParameter.${Name}.Length`> => ({
  ...textOf(parameter, policyCharsMax),
  read: text({ charsMin: 1, charsMax: policyCharsMax }).read,
  form: `JSON, up to ${policyCharsMax} characters`,
  structured: asDocument
})

/** Text of a given form; it may be empty. */
export const formOf = <Name extends FormattedText>(
  parameter: Name,
  pattern: RegExp,
  form: string
): Kind<string, string, `InvalidParameter.${Name}.Format`> => ({
  read: (given) => (typeof given === "string" && pattern.test(given) ? given : undefined),
  form,
  invalidError: () =>
    refuse(`InvalidParameter.${parameter}.Format`, { parameter, hint: `${parameter} must be ${form}.` })
})

/** A parameter that changes a text. Empty text is a value: it removes the text. */
export const clearable = <In, Out, Code extends ErrorCode>(kind: Kind<In, Out, Code>, about: string) =>
  ({ ...optional(kind, about), takesEmpty: true }) as const

export const UserName = required(userName, "The user.")
export const GroupName = required(groupName, "The group.")
export const RoleName = required(roleName, "The role.")
export const PolicyName = required(policyName, "The policy.")
/** RAM's name for the parameter. `AccessKeyId` is the key that signs the request. */
export const UserAccessKeyId = required(asciiText({ charsMin: 1, charsMax: 64 }), "The access key of the user.")

/** The actor of a change of access control. */
export const actorOf = (call: Call): Actor => ({
  account: call.realm.account,
  principal: call.principal,
  requestId: call.requestId,
  operation: call.recordedName,
  at: call.services.clock.now(),
  revoked: () => call.revoked()
})
