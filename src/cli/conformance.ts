/** `keystate conformance`: tests a key management service, and runs a counterexample again. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { profiles } from "../conformance/adapters/adapter.ts"
import { dialects, vendor } from "../conformance/dialects/dialects.ts"
import { isLawId } from "../conformance/lawbook/laws.ts"
import { parseReplay, replay } from "../conformance/counterexamples/replay.ts"
import type { Progress } from "../conformance/run/options.ts"
import { runConformance } from "../conformance/run/run.ts"
import { writeFailures } from "../conformance/report/files.ts"
import { junitXml } from "../conformance/report/junit.ts"
import { htmlPage } from "../conformance/report/page/page.ts"
import { reportText, traceText } from "../conformance/report/terminal.ts"
import { parseSpan } from "../operation/clock/lifecycleClock.ts"
import { compareCommand, issueCommand } from "./conformanceReports.ts"
import { deliver } from "./output/deliver.ts"
import { adapterAt, dialectOf, targetFlags, wanted } from "./conformanceTarget.ts"
import type { Target } from "./conformanceTarget.ts"
import { formatterOf } from "./output/errors.ts"
import { readText, standardInput } from "./output/input.ts"
import { note, print, printReply } from "./output/print.ts"
import { withProgress } from "./output/progress.ts"
import { Style } from "./output/style.ts"
import { reasonOf, userError } from "./output/userError.ts"

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
    Flag.withDescription("Only this part (default: every part that the service can do); may be given several times"),
    Flag.atLeast(1),
    Flag.withDefault([])
  ),
  budget: wanted("budget", "Time for the whole run, such as 5m or 90s (default: no limit)"),
  known: Flag.String("known").pipe(
    Flag.withDescription("Id of a law that is expected to break; may be given several times"),
    Flag.atLeast(1),
    Flag.withDefault<ReadonlyArray<string>>([])
  ),
  json: wanted("json", "File for the report as JSON; - for stdout"),
  junit: wanted("junit", "File for the report as JUnit XML; - for stdout"),
  html: wanted("html", "File for the report as a self-contained HTML page; - for stdout"),
  out: Flag.String("out").pipe(
    Flag.withDescription("Directory for counterexamples (default: keystate-failures)"),
    Flag.withDefault("keystate-failures")
  )
} as const

/** Exit code 2 means that an adapter failed; 1 means that a law was broken. */
const orAdapterError = <A, R>(effect: Effect.Effect<A, ReturnType<typeof userError>, R>) =>
  Effect.catch(effect, (error) =>
    Effect.flatMap(Style, (style) =>
      Effect.as(Effect.andThen(Console.error(formatterOf(style).formatError(error)), setExit(2)), undefined)
    )
  )

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

const progressLine = ({ phase, done, of, calls, broken }: Progress): string =>
  `${phase} ${done}/${of} · ${calls} calls · ${broken} broken`

const conformanceRun = Effect.fnUntraced(function* (
  settings: Command.Command.Config.Infer<typeof runFlags> & { readonly target: Target }
) {
  const known = settings.known.filter(isLawId)
  const unknown = settings.known.find((id) => !isLawId(id))
  if (unknown !== undefined)
    return yield* userError(`--known takes the id of a law, such as KMS-LC-003, not "${unknown}".`)
  const budgetMillis = yield* budgetOf(settings.budget)
  const adapter = yield* orAdapterError(adapterAt(settings.target))
  if (adapter === undefined) return
  const report = yield* withProgress(
    (show) =>
      Effect.promise(() =>
        runConformance(adapter, {
          dialect: dialects[dialectOf(settings.target)] ?? vendor,
          runs: settings.runs,
          maxLength: settings.maxLength,
          parallel: settings.parallel,
          seed: settings.seed,
          known,
          onProgress: (progress) => show(progress.phase, progressLine(progress)),
          ...(settings.profile.length === 0 ? {} : { profiles: settings.profile }),
          ...(budgetMillis === undefined ? {} : { budgetMillis })
        })
      ),
    { logsPhases: true, ifInterrupted: "No report was written. --budget ends a run early, with a report." }
  )
  const written = [settings.json, settings.junit, settings.html]
  const isTold = !written.some((file) => Option.getOrUndefined(file) === standardInput)
  if (isTold) yield* printReply({ value: report, normally: "table", table: (told) => [reportText(told)] })
  const files = writeFailures(report, settings.out)
  if (files.length > 0) {
    const again = `keystate conformance replay ${settings.out}/${report.counterexamples[0]?.law}.json`
    yield* note(`${files.length} files in ${settings.out}. Run one again: ${again}`)
  }
  if (Option.isSome(settings.json)) yield* deliver(settings.json, `${JSON.stringify(report, null, 2)}\n`)
  if (Option.isSome(settings.junit)) yield* deliver(settings.junit, junitXml(report))
  if (Option.isSome(settings.html)) yield* deliver(settings.html, htmlPage(report))
  yield* setExit(report.exitCode)
})

const replayCommand = Command.make(
  "replay",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("A replay file, such as KMS-LC-003.json; - for standard input")
    ),
    target: targetFlags
  },
  Effect.fnUntraced(function* ({ target, file }) {
    const source = yield* readText(file, `The replay file ${file}`)
    const given = yield* Effect.try({
      try: () => parseReplay(source),
      catch: (error) => userError(`${file}: ${reasonOf(error)}`)
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
    yield* print("conformance replay", {
      value: { law: given.law, ...replayed },
      normally: "table",
      table: ({ finding, law, status }) => [traceText(replayed.trace), `${status}  ${law}  ${finding}`.trimEnd()]
    })
    yield* setExit({ FIXED: 0, "STILL FAILING": 1, INCONCLUSIVE: 3 }[replayed.status])
  })
).pipe(
  Command.withDescription("Run a counterexample again: FIXED (exit code 0), STILL FAILING (1) or INCONCLUSIVE (3)"),
  Command.withExamples([
    {
      command:
        "keystate conformance replay keystate-failures/KMS-LC-003.json --endpoint http://127.0.0.1:8787 --access-key-file ak.json",
      description: "Whether a server still breaks the law"
    }
  ])
)

export const conformance = Command.make("conformance", { target: targetFlags, ...runFlags }, conformanceRun).pipe(
  Command.withExamples([
    {
      command: "keystate conformance --endpoint http://127.0.0.1:8787 --access-key-file ak.json",
      description: "Test a server"
    },
    { command: "keystate conformance --adapter ./my.ts --budget 5m", description: "Test anything else" },
    { command: "keystate conformance --runs 20", description: "Without a target: Keystate in this process" }
  ]),
  Command.withSubcommands([replayCommand, compareCommand, issueCommand])
)
