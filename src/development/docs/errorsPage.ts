/** docs/errors.md, generated from the table of errors and the catalogues of operations. */
import {
  dryRunErrors,
  parameterErrors,
  permissionErrors,
  serviceErrors,
  signatureErrors,
  transportErrors,
  unusedErrors
} from "../../domain/errorGroups.ts"
import { answers } from "../../domain/errors.ts"
import {
  ramAbsenceAnswers,
  ramConflictAnswers,
  ramLimitAnswers,
  ramParameterAnswers,
  ramPermissionAnswers
} from "../../domain/ramErrors.ts"
import { earlierNames } from "../../operation/accessControl/earlierNames.ts"
import { stsOperations } from "../../operation/apis.ts"
import { ownOperations, vendorOperations } from "../../operation/catalogue.ts"
import { ramOperations } from "../../operation/ram/catalogue.ts"
import { adviceOfKms, ramAdvice } from "./errorAdvice.ts"

interface Failing {
  readonly errors: ReadonlyArray<string>
}

const ramTables = [ramParameterAnswers, ramPermissionAnswers, ramAbsenceAnswers, ramConflictAnswers, ramLimitAnswers]

/** Codes of RAM and STS that KMS does not have. */
const isOfRam = (code: string): boolean => ramTables.some((table) => Object.hasOwn(table, code))

/** Earlier names of operations of RAM have no entry in docs/operations.md. */
const kmsOperations = Object.fromEntries(
  Object.entries({ ...vendorOperations, ...ownOperations }).filter(([name]) => !Object.hasOwn(earlierNames, name))
)

/** The operations that list a code, by the page that describes them. */
const listing = (code: string, operations: Readonly<Record<string, Failing>>): ReadonlyArray<string> =>
  Object.entries(operations)
    .filter(([, { errors }]) => errors.includes(code))
    .map(([name]) => name)

const links = (page: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => `[${name}](${page}#${name.toLowerCase()})`)

const groups: ReadonlyArray<readonly [codes: ReadonlyArray<string>, operations: string]> = [
  [transportErrors, "every request over HTTP"],
  [signatureErrors, "every request over HTTP"],
  [parameterErrors, "every operation"],
  [permissionErrors, "every operation"],
  [serviceErrors, "every operation"],
  [dryRunErrors, "every operation with the parameter `DryRun`"],
  [unusedErrors, "no operation"]
]

const operationsWith = (code: string): string => {
  const group = groups.find(([codes]) => codes.includes(code))
  if (group !== undefined) return group[1]
  const listed = [
    ...links("operations.md", listing(code, kmsOperations)),
    ...links("ram-operations.md", listing(code, { ...ramOperations, ...stsOperations }))
  ]
  return listed.length === 0 ? "no operation" : listed.join(" · ")
}

/** Message templates have one variable part, which the code calls `detail`. */
const shown = (message: string): string => message.replaceAll("{detail}", "…").replaceAll(/\{(\w+)\}/g, "<$1>")

const section = ([code, advice]: readonly [string, string]): string => {
  const { status, message }: { readonly status: number; readonly message: string } = Reflect.get(answers, code)
  const text = shown(message)
  return `### ${code}

HTTP ${status}.${text === "" ? "" : ` Message: \`${text}\``}

${advice}

Answered by: ${operationsWith(code)}.
`
}

const inOrder = Object.keys(answers)

const kmsCodes = inOrder.flatMap((code) => {
  const advice = Object.entries(adviceOfKms).find(([name]) => name === code)
  return advice === undefined ? [] : [advice]
})

const ramCodes = inOrder.filter(isOfRam).map((code) => [code, ramAdvice(code)] as const)

const head = `# Error codes

Generated from the tables of errors and operations by \`npm run docs\`; do not edit.

A refused request is answered with its HTTP status and this body, as JSON or XML:

| member | meaning |
|---|---|
| \`Code\` | the code |
| \`Message\` | the message of the API; \`<parameter>\` and … below stand for its variable parts |
| \`RequestId\` | the id of the request, which the log and the audit log have too |
| \`HostId\` | the host that the request was sent to |
| \`Hint\` | what would make the request legal, where the service can tell |

In the library the same error is a \`KmsError\` with \`code\`, \`httpStatus\`, \`message\`, \`hint\`, \`keyState\` and
\`allowedStates\`. Calls within a process send no request: they meet no error of HTTP or signatures.

The order of the codes is the order of precedence. A request with several faults is answered with the first code that
applies.
`

export const generateErrorsPage = (): string =>
  [
    head,
    "## Codes of KMS\n",
    "RAM and STS answer with those of requests, signatures and parameters as well.\n",
    ...kmsCodes.map(section),
    "## Codes of RAM and STS\n",
    ...ramCodes.map(section)
  ].join("\n")
