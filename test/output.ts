/** The output of a process that goes on. */
import type { Readable } from "node:stream"

/** Everything that was written when it matches. A pipe may deliver one text in several parts. */
export const outputUntil = (output: Readable | null, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ""
    output?.on("data", (part) => {
      said += String(part)
      if (pattern.test(said)) resolve(said)
    })
    output?.once("end", () => reject(new Error(`the output ended after ${JSON.stringify(said)}`)))
  })

/** The first line. */
export const firstLine = async (output: Readable | null): Promise<string> =>
  (await outputUntil(output, /\n/)).split("\n", 1).join("")
