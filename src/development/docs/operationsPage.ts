/** docs/operations.md and docs/ram-operations.md, generated from the catalogues. */
import {
  dryRunErrors,
  parameterErrors,
  permissionErrors,
  serviceErrors,
  signatureErrors,
  transportErrors,
  unusedErrors
} from "../../domain/errorGroups.ts"
import { inPrecedence } from "../../domain/errors.ts"
import type { ErrorCode } from "../../domain/errors.ts"
import type { Parameters } from "../../operation/parameters.ts"
import { requestBytesMax } from "../../wire/requestLimits.ts"
import { apis, stsOperations } from "../../operation/apis.ts"
import { ownOperations, vendorOperations } from "../../operation/catalogue.ts"
import type { Operation, Permission } from "../../operation/operation.ts"
import { ramOperations } from "../../operation/ram/catalogue.ts"
import { earlierNames } from "../../operation/accessControl/earlierNames.ts"

type Described = Pick<Operation<unknown, object>, "about" | "errors" | "parameters" | "permission" | "rehearses">

const cell = (text: string): string => text.replaceAll("|", "\\|")

export const permissionLine = (name: string, permission: Permission): string => {
  switch (permission.on) {
    case "nothing":
      return "every authenticated caller"
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

const isRefused = ({ refusal }: Parameters[string]): boolean => refusal !== undefined

const neededOf = (parameter: Parameters[string]): string => {
  if (isRefused(parameter)) return "refused"
  return parameter.required ? "yes" : "no"
}

const row = (name: string, parameter: Parameters[string]): string => {
  const { about, form } = parameter
  return `| \`${name}\` | ${neededOf(parameter)} | ${isRefused(parameter) ? "none" : cell(form)} | ${cell(about)} |`
}

/** The rules for the parameters of every operation. */
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

const codeCells = (codes: ReadonlyArray<string>): string => codes.map((code) => `\`${code}\``).join(", ")

const groupsPage = "operations.md#errors-that-are-not-listed-for-each-operation"

const errorsLine = ({ errors, rehearses }: Described, place: string): string => {
  const groups = `[those of every call](${place})`
  const also = rehearses ? `${groups} and of \`DryRun\`` : groups
  return errors.length === 0 ? `Errors: only ${also}.` : `Errors: ${codeCells(inPrecedence(errors))}, and ${also}.`
}

const section = (entry: readonly [string, Described]): string =>
  sectionOf(entry, groupsPage.slice("operations.md".length))
const ramSection = (entry: readonly [string, Described]): string => sectionOf(entry, groupsPage)

const sectionOf = ([name, operation]: readonly [string, Described], place: string): string => {
  const { about, parameters, permission } = operation
  const rows = Object.entries(parameters)
    .toSorted(([, left], [, right]) => Number(isRefused(left)) - Number(isRefused(right)))
    .map(([parameter, shown]) => row(parameter, shown))
  const table =
    rows.length === 0
      ? "No parameters."
      : ["| parameter | required | form | meaning |", "|---|---|---|---|", ...rows].join("\n")
  return `### ${name}\n\n${about}\n\nPermission: ${permissionLine(name, permission)}.\n\n${table}\n\n${errorsLine(operation, place)}\n`
}

/** The groups of errors, in the order of the checks. */
const errorGroups: ReadonlyArray<{ readonly codes: ReadonlyArray<ErrorCode>; readonly when: string }> = [
  { codes: transportErrors, when: "The request is not one that the endpoint reads." },
  { codes: signatureErrors, when: "The request is not signed as it must be, or its credentials are not valid." },
  { codes: parameterErrors, when: "A parameter is absent or wrong." },
  {
    codes: permissionErrors,
    when: "The caller may not do this: the code of KMS, and that of RAM and STS."
  },
  { codes: serviceErrors, when: "The service cannot answer now. The same call may succeed later." },
  { codes: dryRunErrors, when: "The request has `DryRun=true`, and the operation has this parameter." }
]

const generated = "Generated from the catalogue by `npm run docs`; do not edit."

const isEarlier = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(earlierNames, name)

const listed = (names: ReadonlyArray<string>): string => names.map((name) => `\`${name}\``).join(", ")

/** docs/operations.md: KMS, and Keystate's additions. */
export const generateOperationsPage = (): string =>
  [
    "# Operations",
    "",
    generated,
    "",
    "States in which each operation is legal: [states.md](states.md). Operations of RAM and STS:",
    "[ram-operations.md](ram-operations.md).",
    "",
    rules,
    "## Operations of the API",
    "",
    ...Object.entries(vendorOperations).map(section),
    "## Keystate's own operations",
    "",
    "What the vendor's service does not offer: the lifecycle clock of the server, its audit log, accounts, and explanations.",
    "",
    ...Object.entries(ownOperations)
      .filter((entry) => !isEarlier(entry))
      .map(section),
    "## Operations of RAM under this version",
    "",
    "Earlier releases answered these operations of RAM under `Version=2016-01-20`, and they still are. `PolicyType` is",
    "`Custom` if absent. New programs use `Version=2015-05-01`.",
    "",
    `${listed(Object.keys(earlierNames))}.`,
    "",
    "The published KMS API has other operations with the names of RAM's CreatePolicy, UpdatePolicy, DeletePolicy and",
    "ListPolicies. They are answered by `InvalidAction.NotFound`.",
    "",
    "## Errors that are not listed for each operation",
    "",
    "Every call can be answered with these beside those that its operation lists. Calls within a process send no request,",
    "and meet only the errors of parameters, of permission and of the service.",
    "",
    "| errors | when |",
    "|---|---|",
    ...errorGroups.map(({ codes, when }) => `| ${codeCells(codes)} | ${when} |`),
    "",
    `The API documents ${codeCells(unusedErrors)} as well. No call is answered with them here.`,
    "",
    "[Error codes](errors.md) lists each code with its HTTP status, its message, its operations and what to do about it, in",
    "order of precedence.",
    ""
  ].join("\n")

/** docs/ram-operations.md: RAM and STS. */
export const generateRamPage = (): string =>
  [
    "# Operations of RAM and STS",
    "",
    generated,
    "",
    "What they answer, their limits and the sources: [ram-and-sts.md](ram-and-sts.md).",
    "",
    `## RAM, version ${apis.ram.version}`,
    "",
    "A caller needs the action `ram:<Operation>` on each resource named. Resources are relative to `acs:ram:*:<account>:`.",
    "",
    ...Object.entries(ramOperations).map(ramSection),
    `## STS, version ${apis.sts.version}`,
    "",
    ...Object.entries(stsOperations).map(ramSection),
    "## Errors",
    "",
    "[Error codes](errors.md#codes-of-ram-and-sts) lists each code of RAM and STS.",
    ""
  ].join("\n")
