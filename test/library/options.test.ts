/** Options of the library: misspelt ones are refused, and what a service logs goes where the program says. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { Effect, Logger } from "effect"
import { describe, expect, it } from "vitest"
import { nearest } from "../../src/domain/nearest.ts"
import { Kms, KmsMemory } from "../../src/index.ts"
import { createKms } from "../../src/promise.ts"
import type { LogLine } from "../../src/promise.ts"
import { testKms } from "../../src/testing.ts"
import { compileCache } from "../compileCache.ts"

/** The call of a program without types. */
const createWith = (options: object) => createKms(JSON.parse(JSON.stringify(options)))

describe("createKms", () => {
  it.each([
    [{ clok: "virtual" }, '"clok" is not an option. Did you mean "clock"?'],
    [{ deletionWindowMaximum: 90 }, '"deletionWindowMaximum" is not an option. Did you mean "deletionWindowMax"?'],
    [{ RootKey: {} }, '"RootKey" is not an option. Did you mean "rootKey"?'],
    [{ clock: "vritual" }, '"vritual" is not a value of clock. Did you mean "virtual"?'],
    [{ store: "memori" }, '"memori" is not a value of store. Did you mean "memory"?'],
    [{ hsm: "simulated" }, '"simulated" is not a value of hsm. Did you mean "simulator"?'],
    [{ audit: true }, "The option audit must be batched or strict."],
    [{ crypto: "openssl" }, '"openssl" is not a value of crypto. The known ones are native, portable.']
  ])("createKms refuses %j", async (options, message) => {
    await expect(createWith(options)).rejects.toThrow(new TypeError(message))
  })

  it("createKms names every option in its refusal if none is near", async () => {
    await expect(createWith({ quux: 1 })).rejects.toThrow(
      /^"quux" is not an option\. The known ones are account, region, /
    )
  })

  it("testKms and the layers refuse a misspelt option too", async () => {
    await expect(testKms(JSON.parse('{ "sead": "a" }'))).rejects.toThrow('Did you mean "seed"?')
    const layer = KmsMemory(JSON.parse('{ "clok": "virtual" }'))
    await expect(Effect.runPromise(Effect.provide(Effect.service(Kms), layer))).rejects.toThrow('Did you mean "clock"?')
  })
})

describe("nearest", () => {
  it("nearest returns undefined if more than a third of the letters differ", () => {
    expect([nearest("host", ["node", "seed"]), nearest("hots", ["node", "host"])]).toEqual([undefined, "host"])
  })
})

/** An inspector that throws makes the service log a line. */
const inspect = (): never => {
  throw new Error("inspector")
}

describe("the log of the library", () => {
  it("the library writes its log to the given logger", async () => {
    const lines: Array<LogLine> = []
    await using kms = await createKms({ inspect, logger: (line) => lines.push(line) })
    await kms.createKey()
    expect(lines).toMatchObject([
      { level: "ERROR", message: [expect.stringContaining("XState inspector"), Error("inspector")] }
    ])
  })

  it("the library writes its log to the loggers that an Effect program has chosen", async () => {
    const seen: Array<string> = []
    const logger = Logger.make(({ logLevel }) => void seen.push(logLevel))
    const created = Effect.flatMap(Kms, (kms) => kms.createKey())
    await Effect.runPromise(
      created.pipe(Effect.provide(KmsMemory({ inspect })), Effect.provide(Logger.layer([logger])))
    )
    expect(seen).toEqual(["Error"])
  })

  it("the library writes no log without a logger, and a program that closes nothing ends", async () => {
    const library = new URL("../../src/promise.ts", import.meta.url)
    const program = `
      import { createKms } from ${JSON.stringify(library.href)}
      const kms = await createKms({ inspect: () => { throw new Error("inspector") } })
      const { KeyMetadata: { KeyId } } = await kms.createKey()
      await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
      await createKms({ clock: "virtual", hsm: "simulator", audit: "strict" }).then((other) => other.createKey())
      process.stdout.write("end")`
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program], {
      env: compileCache
    })
    expect([stdout, stderr]).toEqual(["end", ""])
  })
})
