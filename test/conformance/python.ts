/** Provides Python 3 for the example in that language. */
import { spawnSync } from "node:child_process"
import { fromDebian } from "../../src/development/debian.ts"

export const installPython = (): void => {
  fromDebian({
    name: "Python 3",
    packages: ["python3-minimal"],
    look: () => (spawnSync("python3", ["--version"], { stdio: "ignore" }).status === 0 ? true : undefined)
  })
}
