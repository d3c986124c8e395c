/** Where Node keeps the programs that it compiled: the environment of processes that tests start again and again. */
import { fileURLToPath } from "node:url"

export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/keystate-compiled", import.meta.url))
}
