/** docs/operations.md, written from the catalogue. */
import { catalogue, ownOperations, vendorOperations } from "../operation/catalogue.ts"
import type { OperationName } from "../operation/catalogue.ts"
import { answers } from "../domain/errors.ts"
import { operationNames } from "../kms.ts"
import type { Parameter } from "../operation/parameters.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import type { Permission } from "../operation/operation.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const permissionLine = (name: string, permission: Permission): string => {
  switch (permission.on) {
    case "nothing":
      return "any authenticated caller"
    case "account":
      return `\`kms:${name}\` on the account`
    case "keys":
      return `\`kms:${name}\` on the key container`
    case "key":
      return `\`kms:${name}\` on the key${permission.alias ? "; an alias may stand for it" : "; no alias"}`
    case "root":
      return "the root of the account"
    case "server-root":
      return "the root of the server's own account"
    case "aliases":
      return `\`kms:${name}\` on the alias container`
    case "found":
      return permission.says
    default:
      return permission satisfies never
  }
}

const isRefused = ({ refusal }: Parameter<unknown, unknown>): boolean => refusal !== undefined

const row = (name: string, parameter: Parameter<unknown, unknown>): string => {
  const { about, form, required } = parameter
  const needed = isRefused(parameter) ? "refused" : required ? "yes" : "no"
  return `| \`${name}\` | ${needed} | ${isRefused(parameter) ? "none" : cell(form)} | ${cell(about)} |`
}

/** What holds for the parameters of every operation. */
const rules = `## Parameters

- An empty text is an absent parameter. The exceptions are the \`Description\` of UpdateKeyDescription
  and the \`Plaintext\` of Encrypt, which may be empty.
- A character is a Unicode code point, also where a request escapes it. Limits in bytes count UTF-8.
- A value over a limit is refused with InvalidParameter. Only a request of more than ${requestBytesMax} bytes, in its query
  and headers or in its body, is refused with RequestTooLarge.
- A parameter marked "refused" is one of the vendor's API that Keystate does not support. A request that gives it is
  refused, because to ignore it would do something else than was asked.
- \`DryRun\`, \`Recipient\`, \`DKMSInstanceId\` and \`KmsInstanceId\` restrict what a request does. An operation that does not
  list one of them refuses it, except for \`DryRun=false\`.
- Every other parameter that an operation does not list is ignored. SDKs send such ones: \`RegionId\`, \`SignatureType\`,
  \`OwnerAccount\`, \`ResourceOwnerId\`.

### DryRun

A call with \`DryRun=true\` makes every check of the call, permission and state of the key included, and changes nothing.
It is always refused:

| code | HTTP | when |
|---|---|---|
| \`DryRunOperationError\` | 400 | The call would have succeeded. |
| \`ValidationError\` | 400 | A parameter is missing or wrong. The message and the hint name it. |
| \`AccessDeniedError\` | 403 | The caller lacks a permission. |
| any other | | The call would have been refused with this code, \`Rejected.Disabled\` for one. |
`

const section = (name: OperationName): string => {
  const { about, parameters, permission } = catalogue[name]
  const rows = Object.entries<Parameter<unknown, unknown>>(parameters)
    .toSorted(([, left], [, right]) => Number(isRefused(left)) - Number(isRefused(right)))
    .map(([parameter, shown]) => row(parameter, shown))
  const table =
    rows.length === 0
      ? "No parameters."
      : ["| parameter | required | form | meaning |", "|---|---|---|---|", ...rows].join("\n")
  return `### ${name}\n\n${about}\n\nPermission: ${permissionLine(name, permission)}.\n\n${table}\n`
}

const belongsTo = (group: object) => (name: OperationName) => Object.hasOwn(group, name)

export const generateOperationsPage = (): string => {
  const codes = Object.entries(answers).map(
    ([code, { status, message }]) => `| \`${code}\` | ${status} | ${cell(message)} |`
  )
  return [
    "# Operations",
    "",
    "Generated from the catalogue by `npm run docs`; do not edit.",
    "",
    "States in which each operation is legal: [states.md](states.md).",
    "",
    rules,
    "## Operations of the API",
    "",
    ...operationNames.filter(belongsTo(vendorOperations)).map(section),
    "## Keystate's own operations",
    "",
    "What the vendor's service does not offer: the lifecycle clock of the server, its audit log, and access control, which",
    "the vendor has in services of its own (RAM and STS).",
    "",
    ...operationNames.filter(belongsTo(ownOperations)).map(section),
    "## Errors, in order of precedence",
    "",
    "When a request is wrong in several ways, the first that applies answers.",
    "",
    "| code | HTTP | message |",
    "|---|---|---|",
    ...codes,
    ""
  ].join("\n")
}
