/** Preloaded into a process with `--import`: writes the URL of every module that the process loads. */
import { writeFileSync } from "node:fs"
import { registerHooks } from "node:module"

const loaded: Array<string> = []
const file = process.env["MODULE_TRACE"]
if (file === undefined) throw new Error("MODULE_TRACE names the file of the trace")

registerHooks({
  load: (url, context, next) => {
    loaded.push(url)
    return next(url, context)
  }
})
process.on("exit", () => writeFileSync(file, JSON.stringify(loaded)))
