/** Fails the test run when a test leaves a new file in the folder that the tests run in. */
import { readdirSync } from "node:fs"

/** `dist` is the console's build, which the tests share. Logs are those of the command that runs the tests. */
const expected = /^dist$|\.log$/

const entries = (): ReadonlyArray<string> => readdirSync(process.cwd()).filter((name) => !expected.test(name))

export const setup = (): (() => void) => {
  const before = new Set(entries())
  return () => {
    const left = entries().filter((name) => !before.has(name))
    if (left.length > 0) {
      throw new Error(`The tests left ${left.join(", ")} in ${process.cwd()}. Write to a temporary folder instead.`)
    }
  }
}
