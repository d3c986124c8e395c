/** Sees to it that Python 3 is there, for the example in that language: installs it where that is possible. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const runs = (command: string, args: ReadonlyArray<string>): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0

export const installPython = (): void => {
  if (runs("python3", ["--version"])) return
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const install = ["install", "-y", "--no-install-recommends", "python3-minimal"]
    if (!runs("apt-get", install)) {
      runs("apt-get", ["update"])
      runs("apt-get", install)
    }
  }
  if (!runs("python3", ["--version"])) throw new Error("Python 3 is needed: apt-get install python3-minimal")
}
