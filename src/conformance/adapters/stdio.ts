/** A service in any language: a program that answers one JSON object per line on its standard output. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { isOperation, profiles } from "./adapter.ts"
import type { Answer, Capabilities, KmsAdapter, Profile, Quotas } from "./adapter.ts"
import { listOf, textOf } from "../steps/reply.ts"

/** How the suite starts a program that answers over standard input and output. */
export interface StdioOptions {
  /** Run by the shell. */
  readonly command: string
  /** The time limit of one call, in milliseconds. */
  readonly timeoutMillis?: number
}

/** A longer answer is treated as no answer. */
const lineCharsMax = 4 * 1024 * 1024

/** The time limit for a program to end after it stopped reading. */
const endMillis = 1000

type Message = Readonly<Record<string, unknown>>

interface Waiting {
  readonly resolve: (message: Message) => void
  readonly reject: (reason: Error) => void
  readonly timer: NodeJS.Timeout
}

interface Line {
  readonly ask: (message: Message) => Promise<Message>
}

const parsed = (line: string): Message | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** The shell may have started other processes; end all of them. */
const end = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
  } catch {
    // The program has already ended.
  }
}

/**
 * Requests and replies may come in any order; `id` matches them. An unreadable message ends the conversation, because a
 * guess at its meaning would prove nothing.
 */
const openLine = ({ command, timeoutMillis = 30_000 }: StdioOptions): Line => {
  const child = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "inherit"] })
  const waiting = new Map<number, Waiting>()
  let failure: Error | undefined
  let next = 1
  let rest = ""
  const fail = (reason: string): void => {
    failure ??= new Error(`${command}: ${reason}`)
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(failure)
    }
    waiting.clear()
    end(child)
  }
  const take = (line: string): void => {
    const message = parsed(line)
    const id = message?.["id"]
    if (message === undefined) return fail(`it answered with text that is not a JSON object: ${line.slice(0, 120)}`)
    const asked = typeof id === "number" ? waiting.get(id) : undefined
    if (asked === undefined || typeof id !== "number")
      return fail(`its answer matches no request: ${line.slice(0, 120)}`)
    waiting.delete(id)
    clearTimeout(asked.timer)
    asked.resolve(message)
  }
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    rest += chunk
    const lines = rest.split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) if (line.trim() !== "" && failure === undefined) take(line)
    if (rest.length > lineCharsMax) fail(`it wrote more than ${lineCharsMax} characters and no end of a line`)
  })
  // The end of the program is the better explanation, and is reported a moment later.
  child.stdin.on("error", () => void setTimeout(() => fail("it no longer reads its input"), endMillis))
  child.on("error", (error) => fail(error.message))
  child.on("close", (code, signal) => fail(`it ended with ${signal ?? `code ${code}`}`))
  process.on("exit", () => end(child))
  // Keeps this process alive only while a question waits for its answer.
  child.unref()
  for (const stream of [child.stdin, child.stdout])
    if ("unref" in stream && typeof stream.unref === "function") stream.unref()
  return {
    ask: (message) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure)
        const id = next++
        const timer = setTimeout(
          () => fail(`it did not answer ${String(message["do"])} within ${timeoutMillis} ms`),
          timeoutMillis
        )
        waiting.set(id, { resolve, reject, timer })
        child.stdin.write(`${JSON.stringify({ id, ...message })}\n`)
        return undefined
      })
  }
}

const isProfile = (name: unknown): name is Profile => profiles.some((known) => known === name)

const quotaNames = ["keys", "aliases", "tags", "versions"] as const satisfies ReadonlyArray<keyof Quotas>

/** A quota must be a whole number above 0. Ignoring a wrong one would leave it untested. */
const quotasIn = (told: Message): Quotas => {
  const given = quotaNames.flatMap((name) => {
    const text = textOf(told, `capabilities.quotas.${name}`)
    if (text === undefined) return []
    const count = Number(text)
    if (!Number.isSafeInteger(count) || count < 1)
      throw new Error(`the quota of ${name} is ${text}, which is not a number above 0`)
    return [[name, count] as const]
  })
  return Object.fromEntries(given)
}

const capabilitiesIn = (told: Message): Capabilities => {
  const clock = textOf(told, "capabilities.clock") ?? "none"
  const reset = textOf(told, "capabilities.reset") ?? "namespace"
  if (clock !== "virtual" && clock !== "none") throw new Error(`the clock ${clock} is unknown: use virtual or none`)
  if (reset !== "perRun" && reset !== "namespace")
    throw new Error(`the reset ${reset} is unknown: use perRun or namespace`)
  const named = listOf(told, "capabilities.operations")
  const unknown = named.find((name) => typeof name !== "string" || !isOperation(name))
  if (unknown !== undefined || named.length === 0) {
    throw new Error(
      `capabilities.operations names ${unknown === undefined ? "nothing" : `${String(unknown)}, which is no operation`}`
    )
  }
  return {
    operations: named.filter((name) => typeof name === "string").filter(isOperation),
    clock,
    reset,
    profiles: listOf(told, "capabilities.profiles").filter(isProfile),
    quotas: quotasIn(told)
  }
}

const numberIn = (told: unknown): number => {
  if (typeof told !== "number") throw new Error("now must be in milliseconds since 1970")
  return told
}

const answerIn = (told: Message): Answer => {
  const { ok, response, code, httpStatus, message, hint } = told
  if (ok === true) return { ok, response }
  if (ok !== false || typeof code !== "string")
    throw new Error("an answer has ok true and a response, or ok false and a code")
  return {
    ok,
    code,
    httpStatus: typeof httpStatus === "number" ? httpStatus : 0,
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof hint === "string" ? { hint } : {})
  }
}

type Ask = Line["ask"]
type Must = (message: Message) => Promise<Message>

/** The questions to a program apart from calls, for the profiles that need them. */
const more = (
  told: Message,
  { profiles: has, operations }: Capabilities,
  ask: Ask,
  must: Must
): Partial<KmsAdapter> => ({
  ...(has.includes("restart") ? { restart: async () => void (await must({ do: "restart" })) } : {}),
  ...(has.includes("wire")
    ? {
        callAs: async (operation, request, wire) => answerIn(await ask({ do: "callAs", operation, request, wire }))
      }
    : {}),
  ...(has.includes("policy") && textOf(told, "capabilities.grants") === "true"
    ? { grant: async (principal) => void (await must({ do: "grant", principal })) }
    : {}),
  ...(operations.includes("SetKeyPolicy")
    ? { setKeyPolicy: async (key, statements) => answerIn(await ask({ do: "setKeyPolicy", key, statements })) }
    : {}),
  ...(has.includes("service")
    ? { createServiceKey: async () => textOf(await must({ do: "createServiceKey" }), "keyId") ?? "" }
    : {})
})

/** Starts the program and asks for its abilities. */
export const overStdio = async (options: StdioOptions): Promise<KmsAdapter> => {
  const { ask } = openLine(options)
  const told = await ask({ do: "describe" })
  const capabilities = capabilitiesIn(told)
  const must = async (message: Message): Promise<Message> => {
    const answer = await ask(message)
    if (answer["ok"] === true) return answer
    throw new Error(
      `${options.command}: ${String(message["do"])} failed: ${textOf(answer, "message") ?? "ok is not true"}`
    )
  }
  return {
    name: textOf(told, "name") ?? options.command,
    capabilities,
    start: async (seed) => void (await must({ do: "start", seed })),
    call: async (operation, request, as, from) =>
      answerIn(
        await ask({
          do: "call",
          operation,
          request,
          ...(as === undefined ? {} : { as }),
          ...(from === undefined ? {} : { from })
        })
      ),
    ...more(told, capabilities, ask, must),
    ...(capabilities.clock === "virtual"
      ? {
          advance: async (millis: number) => void (await must({ do: "advance", millis })),
          now: async () => numberIn((await must({ do: "now" }))["now"])
        }
      : {}),
    stop: async () => void (await must({ do: "stop" }))
  }
}
