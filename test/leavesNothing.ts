/** Fails the test run if a test leaves a new file in the working directory. */
import { readdirSync } from "node:fs"

/** `dist` is the console's build, which the tests share. Logs belong to the command that runs the tests. */
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
