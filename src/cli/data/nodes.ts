/** `keystate nodes`: the servers that use a PostgreSQL database, and the database cluster. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { nodeLostMillis } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { forgetPostgresNodes, postgresNodes } from "../../postgres.ts"
import type { NodeRow, PostgresOptions } from "../../postgres.ts"
import { note, print } from "../output/print.ts"
import { columns } from "../output/readable.ts"
import { userError } from "../output/userError.ts"
import { databaseFlags } from "../settings/engineFlags.ts"
import { yes } from "../settings/flags.ts"
import { databaseOptions } from "../settings/storeOptions.ts"

const flags = {
  ...databaseFlags,
  forget: Flag.String("forget").pipe(
    Flag.withDescription("Name of a killed server to remove from the list"),
    Flag.optional
  ),
  json: yes({ flag: "json", setting: "json", about: "The same as --output json" })
} as const

const heading = ["name", "since", "version", "schema", "clock", "hsm", "last seen"]

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1]
] as const

/** The age in the largest unit that gives at least 2: 40 s, 3 min. */
const durationOf = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const [unit, size] = units.find(([, length]) => seconds >= 2 * length) ?? (["s", 1] as const)
  return `${Math.floor(seconds / size)} ${unit}`
}

const silenceOf = ({ seen }: NodeRow, now: number): number => now - seen

const lastSeen = (node: NodeRow, now: number): string => {
  const silence = silenceOf(node, now)
  return silence < nodeLostMillis ? `${durationOf(silence)} ago` : `not seen for ${durationOf(silence)}`
}

const signed = (millis: number): string => `${millis > 0 ? "+" : ""}${millis} ms`

const rowOf = (node: NodeRow, now: number): ReadonlyArray<string> => [
  node.name,
  formatInstant(node.since),
  node.version,
  String(node.schema),
  signed(node.clockOffsetMillis),
  node.hsm,
  lastSeen(node, now)
]

const jsonOf = (node: NodeRow, now: number) => ({
  name: node.name,
  since: formatInstant(node.since),
  version: node.version,
  schema: node.schema,
  clockOffsetMillis: node.clockOffsetMillis,
  hsm: node.hsm,
  lastSeen: formatInstant(node.seen),
  silentMillis: silenceOf(node, now),
  isAlive: silenceOf(node, now) < nodeLostMillis
})

/** A server that is in use, or an unknown server, is an operator's mistake. */
const forget = Effect.fnUntraced(function* (options: PostgresOptions, name: string) {
  const forgotten = yield* Effect.mapError(forgetPostgresNodes(options, name), ({ message }) => userError(message))
  if (forgotten > 0) return yield* note(`${name} is removed from the list.`)
  const { nodes: listed, now } = yield* Effect.mapError(postgresNodes(options), ({ message }) => userError(message))
  const found = listed.find((node) => node.name === name)
  return yield* userError(
    found === undefined
      ? `The list has no server ${name}.`
      : `The server ${name} was seen ${durationOf(silenceOf(found, now))} ago. Stop it: a server that stops leaves the list.`
  )
})

export const nodes = Command.make("nodes", flags, (settings) =>
  Effect.gen(function* () {
    const options = yield* databaseOptions(settings)
    if (Option.isSome(settings.forget)) return yield* forget(options, settings.forget.value)
    const found = yield* Effect.mapError(postgresNodes(options), ({ message }) => userError(message))
    yield* print("nodes", {
      value: { cluster: found.cluster, nodes: found.nodes.map((node) => jsonOf(node, found.now)) },
      normally: settings.json ? "json" : "table",
      table: () => [
        `PostgreSQL cluster ${found.cluster.systemIdentifier}, timeline ${found.cluster.timeline}`,
        ...(found.nodes.length === 0
          ? ["No server uses this database."]
          : ["", ...columns([heading, ...found.nodes.map((node) => rowOf(node, found.now))])])
      ],
      items: ({ nodes: listed }) => listed
    })
  })
).pipe(
  Command.withExamples([
    {
      command: "keystate nodes --store postgres://keystate@db/keystate",
      description: "Name, start, version, schema, clock offset, HSM and last sign of life"
    },
    {
      command: "keystate nodes --store postgres://keystate@db/keystate --forget a",
      description: "Remove server a, which was killed and will not return, from the list"
    }
  ])
)
