/** The target of `keystate conformance`: its flags, and the adapter that they select. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { Command } from "effect/cli"
import type { KmsAdapter } from "../conformance/adapters/adapter.ts"
import { overAws } from "../conformance/adapters/aws/aws.ts"
import { overGoogle } from "../conformance/adapters/google.ts"
import { overHttp } from "../conformance/adapters/http.ts"
import { atLevel } from "../conformance/adapters/level.ts"
import type { AccessKey } from "../conformance/adapters/wire.ts"
import { inProcess } from "../conformance/adapters/inProcess.ts"
import { overTransit } from "../conformance/adapters/transit.ts"
import { overStdio } from "../conformance/adapters/stdio.ts"
import { vendor } from "../conformance/dialects/dialects.ts"
import { loadModule } from "./loadModule.ts"
import { readText } from "./output/input.ts"
import { userError } from "./output/userError.ts"

export const wanted = (flag: string, about: string) =>
  Flag.String(flag).pipe(Flag.withDescription(about), Flag.optional)

export const targetFlags = {
  endpoint: wanted("endpoint", "URL of a server, such as http://127.0.0.1:8787 (default: Keystate in this process)"),
  accessKeyFile: wanted(
    "access-key-file",
    "JSON with accessKeyId and accessKeySecret (default: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET)"
  ),
  otherAccountKeyFile: wanted(
    "other-account-key-file",
    "JSON with the access key of another account, for the profile accounts (default: Keystate makes an account)"
  ),
  adapter: wanted("adapter", "File of a module whose default export is an adapter, or makes one"),
  command: wanted("command", "A program that reads and writes one JSON object per line, such as python3 my_kms.py"),
  restart: wanted("restart", "With --endpoint: a shell command that restarts the server on its data, and then ends"),
  region: wanted("region", "With --dialect aws: region of the signatures (default: us-east-1)"),
  protectionLevel: Flag.Literals("protection-level", ["SOFTWARE", "HSM"]).pipe(
    Flag.withDescription("Protection level of the keys (default: the service chooses)"),
    Flag.optional
  ),
  tokenFile: wanted(
    "token-file",
    "With --dialect vault or google: a file with the token (default: VAULT_TOKEN; none for google)"
  ),
  mount: wanted("mount", "With --dialect vault: where the transit engine is mounted (default: transit)"),
  keyRing: wanted(
    "key-ring",
    "With --dialect google: projects/…/locations/…/keyRings/… (default: one for the suite alone)"
  ),
  dialect: Flag.Literals("dialect", ["alibaba", "alibaba-2025", "aws", "vault", "google"]).pipe(
    Flag.withDescription("Family of the service (default: alibaba, or the dialect of the replay file)"),
    Flag.optional
  )
} as const

export type Target = Command.Command.Config.Infer<typeof targetFlags>

export const dialectOf = ({ dialect }: Target, otherwise = vendor.name): string =>
  Option.getOrElse(dialect, () => otherwise)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const accessKeyIn = Effect.fnUntraced(function* (path: string) {
  const source = yield* readText(path, `The access key file ${path}`)
  const value: unknown = yield* Effect.try({
    try: () => JSON.parse(source),
    catch: () => userError(`The access key file ${path} is not JSON.`)
  })
  const member = (name: string): unknown =>
    isRecord(value) ? (value[name] ?? value[name.charAt(0).toUpperCase() + name.slice(1)]) : undefined
  const accessKeyId = member("accessKeyId")
  const accessKeySecret = member("accessKeySecret")
  return typeof accessKeyId === "string" && typeof accessKeySecret === "string"
    ? { accessKeyId, accessKeySecret }
    : yield* userError(`The access key file ${path} holds no accessKeyId and accessKeySecret.`)
})

const accessKeyOf = Effect.fnUntraced(function* ({ accessKeyFile }: Target) {
  if (Option.isSome(accessKeyFile)) return yield* accessKeyIn(accessKeyFile.value)
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = process.env
  if (accessKeyId === undefined || accessKeySecret === undefined) {
    return yield* userError(
      "Give the access key of the server with --access-key-file, or in ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET."
    )
  }
  const given: AccessKey = { accessKeyId, accessKeySecret }
  return given
})

const isAdapter = (value: unknown): value is KmsAdapter =>
  isRecord(value) && typeof value["call"] === "function" && isRecord(value["capabilities"])

const fromModule = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      if (!existsSync(path)) throw new Error("there is no such file")
      const module: unknown = await loadModule(resolve(path))
      const given = isRecord(module) ? module["default"] : undefined
      const adapter: unknown = typeof given === "function" ? await given() : given
      if (!isAdapter(adapter)) throw new Error("its default export is not an adapter and does not make one")
      return adapter
    },
    catch: (error) =>
      userError(`${path} exports no adapter: ${error instanceof Error ? error.message : String(error)}.`)
  })

/** Runs a shell command. Rejects unless it ends with exit code 0. */
const runCommand = (command: string): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(command, { shell: true, stdio: "ignore" })
    child.on("error", failed)
    child.on("exit", (code, signal) => {
      if (code === 0) done()
      else failed(new Error(`The command of --restart ended with ${signal ?? `exit code ${code}`}.`))
    })
  })

const restartBy = ({ restart }: Target): { readonly restart?: () => Promise<void> } =>
  Option.isNone(restart) ? {} : { restart: () => runCommand(restart.value) }

/** An adapter that first asks the service about its abilities. */
const opened = (open: () => Promise<KmsAdapter>) =>
  Effect.tryPromise({ try: open, catch: (error) => userError(error instanceof Error ? error.message : String(error)) })

const tokenIn = ({ tokenFile }: Target) =>
  Option.isNone(tokenFile)
    ? Effect.succeed(undefined)
    : Effect.map(readText(tokenFile.value, `The token file ${tokenFile.value}`), (text) => text.trim())

type OpenFamily = (target: Target, endpoint: string) => Effect.Effect<KmsAdapter, ReturnType<typeof userError>>

/** How services of the other dialects are reached. */
const otherFamilies: Readonly<Record<string, OpenFamily>> = {
  aws: ({ region }, endpoint) =>
    opened(() => overAws({ endpoint, clock: Date.now, ...(Option.isNone(region) ? {} : { region: region.value }) })),
  vault: Effect.fnUntraced(function* (target, endpoint) {
    const token = (yield* tokenIn(target)) ?? process.env["VAULT_TOKEN"]
    if (token === undefined) return yield* userError("Give the token of the service with --token-file or VAULT_TOKEN.")
    const mount = Option.getOrElse(target.mount, () => "transit")
    return yield* opened(() => overTransit({ endpoint, token, mount, clock: Date.now }))
  }),
  google: Effect.fnUntraced(function* (target, endpoint) {
    const token = yield* tokenIn(target)
    const { keyRing } = target
    return yield* opened(() =>
      overGoogle({
        endpoint,
        clock: Date.now,
        ...(token === undefined ? {} : { token }),
        ...(Option.isNone(keyRing) ? {} : { keyRing: keyRing.value })
      })
    )
  })
}

/** The same adapter, limited to keys of the requested protection level. */
export const adapterAt = (target: Target, dialect = dialectOf(target)) =>
  Effect.map(adapterFor(target, dialect), (adapter) =>
    Option.isNone(target.protectionLevel) ? adapter : atLevel(adapter, target.protectionLevel.value)
  )

/** The target: the adapter of a module, a server, or Keystate itself in this process. */
const adapterFor = Effect.fnUntraced(function* (target: Target, dialect: string) {
  if (Option.isSome(target.adapter)) return yield* fromModule(target.adapter.value)
  if (Option.isSome(target.command))
    return yield* opened(() => overStdio({ command: Option.getOrThrow(target.command) }))
  if (Option.isNone(target.endpoint)) return inProcess()
  const endpoint = target.endpoint.value
  const other = otherFamilies[dialect]
  if (other !== undefined) return yield* other(target, endpoint)
  const accessKey = yield* accessKeyOf(target)
  const elsewhere = Option.isNone(target.otherAccountKeyFile)
    ? {}
    : { otherAccount: yield* accessKeyIn(target.otherAccountKeyFile.value) }
  return yield* Effect.tryPromise({
    try: () => overHttp({ endpoint, accessKey, clock: Date.now, ...restartBy(target), ...elsewhere }),
    catch: (error) =>
      userError(error instanceof Error && error.cause === undefined ? error.message : `Nothing answers at ${endpoint}.`)
  })
})
