/** Sees to it that Python 3 is there, for the example in that language. */
import { spawnSync } from "node:child_process"
import { fromDebian } from "../../src/development/debian.ts"

export const installPython = (): void => {
  fromDebian({
    name: "Python 3",
    packages: ["python3-minimal"],
    look: () => (spawnSync("python3", ["--version"], { stdio: "ignore" }).status === 0 ? true : undefined)
  })
}
