/** docs/command-output.md and its JSON Schema, generated from the shapes of printed results. */
import { Schema } from "effect"
import type { JsonSchema } from "effect"
import { messageShapes, shapes } from "../../cli/output/shapes.ts"

type Node = JsonSchema.JsonSchema

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)

const schemaOf = (shape: Schema.Top): Node => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(shape)
  if (Object.keys(definitions).length > 0) throw new Error("a shape refers to a definition")
  return schema
}

const nodeIn = (value: unknown): Node => {
  if (!isNode(value)) throw new Error("a schema is not an object")
  return value
}

const choicesOf = (node: Node): ReadonlyArray<Node> =>
  Array.isArray(node["anyOf"]) ? node["anyOf"].filter(isNode) : [node]

const typeOf = (node: Node): string =>
  choicesOf(node)
    .map((choice) => {
      if (Array.isArray(choice["enum"])) return choice["enum"].map((word) => `\`${String(word)}\``).join(" or ")
      return typeof choice["type"] === "string" ? choice["type"] : "any"
    })
    .join(" or ")

interface Member {
  readonly path: string
  readonly type: string
  readonly about: string
}

const below = (node: Node, path: string): ReadonlyArray<Member> =>
  choicesOf(node).flatMap((choice) => {
    if (choice["type"] === "array") return isNode(choice["items"]) ? below(choice["items"], `${path}[]`) : []
    if (!isNode(choice["properties"])) return []
    const required: ReadonlyArray<unknown> = Array.isArray(choice["required"]) ? choice["required"] : []
    return Object.entries(choice["properties"]).flatMap(([name, value]) => {
      const member = nodeIn(value)
      const at = path === "" ? name : `${path}.${name}`
      const about = typeof member["description"] === "string" ? member["description"] : ""
      const need = required.includes(name) ? "" : "; may be absent"
      return [{ path: at, type: typeOf(member), about: `${about}${need}` }, ...below(member, at)]
    })
  })

const tableOf = (shape: Schema.Top): string => {
  const rows = below(schemaOf(shape), "").map(({ about, path, type }) => `| \`${path}\` | ${type} | ${about} |`)
  return `| member | type | |\n|---|---|---|\n${rows.join("\n")}\n`
}

const intro = `# Output of commands

Generated from \`src/cli/output/shapes.ts\` by \`npm run docs\`; do not edit.

\`--output\` chooses the format of the result of every command:

| format | result |
|---|---|
| \`table\` | lines and columns for people; they may change in any release |
| \`json\` | one JSON value |
| \`jsonl\` | one line of JSON for each item of a list; one line for any other result |

Without \`--output\` a command uses the format that fits most of its readers. \`health\`, \`ram\`, \`explain\`, \`nodes\`,
\`config show\`, \`doctor\`, \`serve\` and \`diagram list\` print tables; \`--json\` is short for \`--output json\` there. \`audit\` and
\`history\` print \`jsonl\`. The other commands print \`json\`. A drawing, a seed, a page or a backup has its own format;
\`--output\` with another format is an error there.

\`json\` and \`jsonl\` are stable: a release adds members and removes none. Read the members that you need and ignore the
others. [command-output.schema.json](command-output.schema.json) has a JSON Schema for each command.

\`kms\`, \`explain\` and \`clock\` print the reply of the service, whose members are in [Operations](operations.md); \`ram\` prints
the replies in [RAM and STS operations](ram-operations.md). With \`jsonl\` an operation whose name begins with \`List\` prints
its entries. \`conformance\` prints its report, whose schema is \`keystate-conformance/1\`.

## Standard error

Errors, notes and progress go to standard error. \`--quiet\` leaves out notes and progress. If \`--output json\`,
\`--output jsonl\` or \`--json\` is given, each error and each note is one line of JSON:
`

const files = `## Standard input and output as files

\`-\` in place of a file that a command reads is standard input. One command can use it once. It can be:

- a backup, a history, a report, a replay file or a seed
- a policy document, written \`@-\`
- a passphrase or an access key file

\`-\` in place of a file that a command writes is standard output. Root keys, and files that a server reads again, need a name.

## Progress

Long work shows its progress on standard error: \`verify\`, \`backup\`, \`restore\`, \`copy\`, \`reseal\`, \`clock advance\` and
\`conformance\`. On a terminal it is one line, which is erased at the end. Elsewhere it is a line every 15 seconds, and
at the start of each phase of \`conformance\`.
`

const section = ([name, shape]: readonly [string, Schema.Top]): string => `## keystate ${name}\n\n${tableOf(shape)}`

const messages = Object.values(messageShapes).map(tableOf)

export const generateCommandOutputPage = (): string =>
  [intro, ...messages, files, ...Object.entries<Schema.Top>(shapes).map(section)].join("\n")

/** One schema, with the schema of each command in its definitions. */
export const generateCommandOutputSchema = (): string => {
  const all = Object.entries<Schema.Top>({ ...shapes, ...messageShapes })
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Output of keystate commands",
    $defs: Object.fromEntries(all.map(([name, shape]) => [name, schemaOf(shape)]))
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
