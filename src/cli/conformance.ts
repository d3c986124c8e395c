/** `keystate conformance`: puts a key management service to the test, and runs a counterexample again. */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { profiles } from "../conformance/adapters/adapter.ts"
import type { KmsAdapter } from "../conformance/adapters/adapter.ts"
import { overAws } from "../conformance/adapters/aws/aws.ts"
import { overHttp } from "../conformance/adapters/http.ts"
import { atLevel } from "../conformance/adapters/level.ts"
import type { AccessKey } from "../conformance/adapters/wire.ts"
import { inProcess } from "../conformance/adapters/inProcess.ts"
import { overStdio } from "../conformance/adapters/stdio.ts"
import { dialects, vendor } from "../conformance/dialects/dialects.ts"
import { isLawId } from "../conformance/lawbook/laws.ts"
import { parseReplay, replay } from "../conformance/counterexamples/replay.ts"
import { runConformance } from "../conformance/run/run.ts"
import { writeFailures } from "../conformance/report/files.ts"
import { junitXml } from "../conformance/report/junit.ts"
import { htmlPage } from "../conformance/report/page/page.ts"
import { reportText, traceText } from "../conformance/report/terminal.ts"
import { parseSpan } from "../operation/clock/lifecycleClock.ts"
import { writeWhole } from "../platform/durableFiles.ts"
import { compareCommand, issueCommand } from "./conformanceReports.ts"
import { makeShowProgress } from "./output/progress.ts"
import { userError } from "./output/userError.ts"

const wanted = (flag: string, about: string) => Flag.String(flag).pipe(Flag.withDescription(about), Flag.optional)

const targetFlags = {
  endpoint: wanted("endpoint", "A server that speaks the API: http://127.0.0.1:8787"),
  accessKeyFile: wanted(
    "access-key-file",
    "JSON with accessKeyId and accessKeySecret; else ALIBABA_CLOUD_ACCESS_KEY_ID and …_SECRET"
  ),
  otherAccountKeyFile: wanted(
    "other-account-key-file",
    "JSON with the access key of another account, for the profile accounts (default: Keystate makes an account)"
  ),
  adapter: wanted("adapter", "A module whose default export is an adapter, or makes one"),
  command: wanted("command", "A program that reads and writes one JSON object per line: python3 my_kms.py"),
  restart: wanted("restart", "With --endpoint: a shell command that restarts the server on its data, and then ends"),
  region: wanted("region", "With --dialect aws: region of the signatures (default: us-east-1)"),
  protectionLevel: Flag.Literals("protection-level", ["SOFTWARE", "HSM"]).pipe(
    Flag.withDescription("Protection level of the keys (default: the service chooses)"),
    Flag.optional
  ),
  dialect: Flag.Literals("dialect", ["alibaba", "alibaba-2025", "aws"]).pipe(
    Flag.withDescription("Family of the service (default: alibaba, or the dialect of the replay file)"),
    Flag.optional
  )
} as const

type Target = Command.Command.Config.Infer<typeof targetFlags>

const dialectOf = ({ dialect }: Target, otherwise = vendor.name): string => Option.getOrElse(dialect, () => otherwise)

const count = (name: string, about: string, otherwise: number) =>
  Flag.Int(name).pipe(Flag.withDescription(`${about} (default: ${otherwise})`), Flag.withDefault(otherwise))

const runFlags = {
  runs: count("runs", "Number of random sequences", 200),
  maxLength: count("max-length", "Longest random sequence, in steps", 40),
  parallel: count("parallel", "Largest number of clients at the same time", 3),
  seed: Flag.String("seed").pipe(
    Flag.withDescription("Seed of all randomness (default: keystate)"),
    Flag.withDefault("keystate")
  ),
  profile: Flag.Literals("profile", profiles).pipe(
    Flag.withDescription("Only these parts; may be given several times"),
    Flag.atLeast(1),
    Flag.withDefault([])
  ),
  budget: wanted("budget", "Time for the whole run: 5m, 90s"),
  known: Flag.String("known").pipe(
    Flag.withDescription("Id of a law that is expected to break; may be given several times"),
    Flag.atLeast(1),
    Flag.withDefault<ReadonlyArray<string>>([])
  ),
  json: wanted("json", "Write the report to this file"),
  junit: wanted("junit", "Write the report to this file as JUnit XML"),
  html: wanted("html", "Write the report to this file as a self-contained HTML page"),
  out: Flag.String("out").pipe(
    Flag.withDescription("Directory for counterexamples"),
    Flag.withDefault("keystate-failures")
  )
} as const

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const readText = (path: string) =>
  Effect.try({ try: () => readFileSync(path, "utf8"), catch: () => userError(`${path} cannot be read.`) })

const accessKeyIn = Effect.fnUntraced(function* (path: string) {
  const source = yield* readText(path)
  const value: unknown = yield* Effect.try({
    try: () => JSON.parse(source),
    catch: () => userError(`${path} is not JSON.`)
  })
  const member = (name: string): unknown =>
    isRecord(value) ? (value[name] ?? value[name.charAt(0).toUpperCase() + name.slice(1)]) : undefined
  const accessKeyId = member("accessKeyId")
  const accessKeySecret = member("accessKeySecret")
  return typeof accessKeyId === "string" && typeof accessKeySecret === "string"
    ? { accessKeyId, accessKeySecret }
    : yield* userError(`${path} holds no accessKeyId and accessKeySecret.`)
})

const accessKeyOf = Effect.fnUntraced(function* ({ accessKeyFile }: Target) {
  if (Option.isSome(accessKeyFile)) return yield* accessKeyIn(accessKeyFile.value)
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = process.env
  if (accessKeyId === undefined || accessKeySecret === undefined) {
    return yield* userError("Give the access key of the server with --access-key-file.")
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
      const module: unknown = await import(pathToFileURL(resolve(path)).href)
      const given = isRecord(module) ? module["default"] : undefined
      const adapter: unknown = typeof given === "function" ? await given() : given
      if (!isAdapter(adapter)) throw new Error("its default export is no adapter, and makes none")
      return adapter
    },
    catch: (error) => userError(`${path} gives no adapter: ${error instanceof Error ? error.message : String(error)}.`)
  })

/** Runs a shell command to its end. Rejects unless it ends with exit code 0. */
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

/** An adapter that is asked something before the run begins. */
const opened = (open: () => Promise<KmsAdapter>) =>
  Effect.tryPromise({ try: open, catch: (error) => userError(error instanceof Error ? error.message : String(error)) })

/** The same, asked for keys of the level that is wanted. */
const adapterAt = (target: Target, dialect = dialectOf(target)) =>
  Effect.map(adapterFor(target, dialect), (adapter) =>
    Option.isNone(target.protectionLevel) ? adapter : atLevel(adapter, target.protectionLevel.value)
  )

/** What is put to the test: a module's adapter, a server, or else Keystate itself in this process. */
const adapterFor = Effect.fnUntraced(function* (target: Target, dialect: string) {
  if (Option.isSome(target.adapter)) return yield* fromModule(target.adapter.value)
  if (Option.isSome(target.command))
    return yield* opened(() => overStdio({ command: Option.getOrThrow(target.command) }))
  if (Option.isNone(target.endpoint)) return inProcess()
  const endpoint = target.endpoint.value
  if (dialect === "aws") {
    const region = Option.getOrUndefined(target.region)
    return yield* opened(() => overAws({ endpoint, clock: Date.now, ...(region === undefined ? {} : { region }) }))
  }
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

/** 2 tells an adapter that failed apart from a law that broke. */
const orAdapterError = <A, R>(effect: Effect.Effect<A, ReturnType<typeof userError>, R>) =>
  Effect.catch(effect, (error) => Effect.as(Effect.andThen(Console.error(error.message), setExit(2)), undefined))

const setExit = (code: number) =>
  Effect.sync(() => {
    process.exitCode = code
  })

const budgetOf = (given: Option.Option<string>) => {
  if (Option.isNone(given)) return Effect.succeed(undefined)
  const millis = parseSpan(given.value)
  return millis === undefined
    ? Effect.fail(userError(`--budget takes a number and a unit, such as 5m, not "${given.value}".`))
    : Effect.succeed(millis)
}

const conformanceRun = Effect.fnUntraced(function* (
  settings: Command.Command.Config.Infer<typeof runFlags> & { readonly target: Target }
) {
  const known = settings.known.filter(isLawId)
  const unknown = settings.known.find((id) => !isLawId(id))
  if (unknown !== undefined) return yield* userError(`--known names ${unknown}, which is no law.`)
  const budgetMillis = yield* budgetOf(settings.budget)
  const adapter = yield* orAdapterError(adapterAt(settings.target))
  if (adapter === undefined) return
  const report = yield* Effect.promise(() =>
    runConformance(adapter, {
      dialect: dialects[dialectOf(settings.target)] ?? vendor,
      runs: settings.runs,
      maxLength: settings.maxLength,
      parallel: settings.parallel,
      seed: settings.seed,
      known,
      onProgress: makeShowProgress(),
      ...(settings.profile.length === 0 ? {} : { profiles: settings.profile }),
      ...(budgetMillis === undefined ? {} : { budgetMillis })
    })
  )
  yield* Console.log(reportText(report))
  const files = writeFailures(report, settings.out)
  if (files.length > 0) {
    const again = `keystate conformance replay ${settings.out}/${report.counterexamples[0]?.law}.json`
    yield* Console.error(`${files.length} files in ${settings.out}. Run one again: ${again}`)
  }
  if (Option.isSome(settings.json)) writeWhole(settings.json.value, `${JSON.stringify(report, null, 2)}\n`)
  if (Option.isSome(settings.junit)) writeWhole(settings.junit.value, junitXml(report))
  if (Option.isSome(settings.html)) writeWhole(settings.html.value, htmlPage(report))
  yield* setExit(report.exitCode)
})

const replayCommand = Command.make(
  "replay",
  {
    target: targetFlags,
    file: Argument.String("file").pipe(Argument.withDescription("A replay file, such as KMS-LC-003.json"))
  },
  Effect.fnUntraced(function* ({ target, file }) {
    const source = yield* readText(file)
    const given = yield* Effect.try({
      try: () => parseReplay(source),
      catch: (error) => userError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    })
    const dialect = dialectOf(target, given.dialect)
    const adapter = yield* orAdapterError(adapterAt(target, dialect))
    if (adapter === undefined) return
    const replayed = yield* orAdapterError(
      Effect.tryPromise({
        try: () => replay(adapter, given, dialects[dialect]),
        catch: (error) => userError(error instanceof Error ? error.message : String(error))
      })
    )
    if (replayed === undefined) return
    yield* Console.log(traceText(replayed.trace))
    yield* Console.log(`${replayed.status}  ${given.law}  ${replayed.finding}`.trimEnd())
    yield* setExit({ FIXED: 0, "STILL FAILING": 1, INCONCLUSIVE: 3 }[replayed.status])
  })
).pipe(Command.withDescription("Run a counterexample again: FIXED or STILL FAILING"))

export const conformance = Command.make("conformance", { target: targetFlags, ...runFlags }, conformanceRun).pipe(
  Command.withExamples([
    {
      command: "keystate conformance --endpoint http://127.0.0.1:8787 --access-key-file ak.json",
      description: "Test a server"
    },
    { command: "keystate conformance --adapter ./my.ts --budget 5m", description: "Test anything else" }
  ]),
  Command.withSubcommands([replayCommand, compareCommand, issueCommand])
)
