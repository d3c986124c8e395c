/** docs/operations.md, written from the catalogue. */
import { catalogue, ownOperations, vendorOperations } from "../operation/catalogue.ts"
import type { OperationName } from "../operation/catalogue.ts"
import { answers } from "../domain/errors.ts"
import { operationNames } from "../kms.ts"
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

const section = (name: OperationName): string => {
  const { about, parameters, permission } = catalogue[name]
  const rows = Object.entries(parameters).map(
    ([parameter, { form, about: meaning, required }]) =>
      `| \`${parameter}\` | ${required ? "yes" : "no"} | ${cell(form)} | ${cell(meaning)} |`
  )
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
