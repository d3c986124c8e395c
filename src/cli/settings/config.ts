/** `keystate config show`: each setting of `serve`, and the origin of its value. */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { withoutPassword } from "../../postgres.ts"
import { print } from "../output/print.ts"
import { columns } from "../output/readable.ts"
import { serveFlags } from "../server/serveFlags.ts"
import { yes } from "./flags.ts"
import { dashed, flagOf, settingNames } from "./settingNames.ts"
import { configFile, fileSettings } from "./sources.ts"
import { storeKind } from "./storeOptions.ts"

const { json: _json, ...shownFlags } = serveFlags

const flags = {
  settings: shownFlags,
  json: yes({ flag: "json", setting: "json", about: "The same as --output json" })
} as const

const variableOf = (name: string): string => `KEYSTATE_${dashed(name).replaceAll("-", "_").toUpperCase()}`

const textOf = (name: string, value: unknown): string => {
  if (Option.isOption(value)) return Option.match(value, { onNone: () => "", onSome: String })
  if (Array.isArray(value)) return value.join(",")
  // The URL of a database may hold a password.
  return name === "store" && storeKind(String(value)) === "postgres" ? withoutPassword(String(value)) : String(value)
}

export const config = Command.make("config").pipe(
  Command.withSubcommands([
    Command.make("show", flags, ({ json, settings }) =>
      Effect.gen(function* () {
        const environment = process.env
        const path = environment["KEYSTATE_CONFIG"] || undefined
        const inFile = new Set(Object.keys(Object(yield* fileSettings(path))))
        const originOf = (name: string): string => {
          const flag = flagOf(name)
          if (process.argv.some((word) => word === flag || word.startsWith(`${flag}=`))) return flag
          if (environment[variableOf(name)] !== undefined) return variableOf(name)
          return inFile.has(name) ? (path ?? configFile) : "default"
        }
        const values: ReadonlyMap<string, unknown> = new Map(Object.entries(settings))
        const rows = settingNames
          .filter((name) => values.has(name))
          .map((name) => ({ name, value: textOf(name, values.get(name)), origin: originOf(name) }))
        yield* print("config show", {
          value: rows,
          normally: json ? "json" : "table",
          table: (shown) =>
            columns([["setting", "value", "from"], ...shown.map(({ name, value, origin }) => [name, value, origin])]),
          items: (shown) => shown
        })
      })
    ).pipe(
      Command.withDescription("Show the settings with which serve would start, and where each value comes from"),
      Command.withExamples([
        { command: "keystate config show", description: "The settings of this directory and environment" },
        { command: "keystate config show --clock virtual", description: "The same with a flag of serve" }
      ])
    )
  ])
)
