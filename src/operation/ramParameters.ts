/** What the operations of access control take: names as RAM allows them, documents, pages. */
import { policyCharsMax, policyNameCharsMax, principalNameCharsMax } from "../domain/limits.ts"
import type { Actor } from "./accessControl.ts"
import type { Call } from "./operation.ts"
import { offsetOf } from "./paging.ts"
import { asciiText, required, text, wireBytesPerAsciiChar } from "./parameters.ts"

const matching = (pattern: RegExp, form: string, charsMax: number) => ({
  read: (given: unknown): string | undefined => (typeof given === "string" && pattern.test(given) ? given : undefined),
  form,
  wireBytesMax: charsMax * wireBytesPerAsciiChar
})

const principalForm = (more: string): RegExp => new RegExp(`^[A-Za-z0-9${more}]{1,${principalNameCharsMax}}$`)

export const userName = matching(
  principalForm("._@-"),
  `1 to ${principalNameCharsMax} letters, digits, \`.\`, \`_\`, \`@\` or \`-\``,
  principalNameCharsMax
)
export const roleName = matching(
  principalForm("._-"),
  `1 to ${principalNameCharsMax} letters, digits, \`.\`, \`_\` or \`-\``,
  principalNameCharsMax
)
export const policyName = matching(
  new RegExp(`^[A-Za-z0-9-]{1,${policyNameCharsMax}}$`),
  `1 to ${policyNameCharsMax} letters, digits or \`-\``,
  policyNameCharsMax
)

export const UserName = required(userName, "The user.")
export const RoleName = required(roleName, "The role.")
export const PolicyName = required(policyName, "The policy.")
/** RAM's name for it: `AccessKeyId` is whoever signs the request. */
export const UserAccessKeyId = required(asciiText({ charsMin: 1, charsMax: 64 }), "The access key of the user.")
/** Longer ones are read too, to be told what is wrong with them. */
export const PolicyDocument = required(
  { ...text({ charsMin: 1, charsMax: policyCharsMax * 2 }), form: `JSON, up to ${policyCharsMax} characters` },
  "The policy document."
)

/** On whose behalf a call changes access control. */
export const actorOf = ({ realm, principal, requestId, operation, world }: Call): Actor => ({
  account: realm.account,
  principal,
  requestId,
  operation,
  at: world.clock.now()
})

/** One page of a list, and how many there are. */
export const pageOf = <A>(
  all: ReadonlyArray<A>,
  request: { readonly PageNumber: number; readonly PageSize: number }
) => {
  const offset = offsetOf(request)
  const { PageNumber, PageSize } = request
  return { items: all.slice(offset, offset + PageSize), counts: { TotalCount: all.length, PageNumber, PageSize } }
}
