/** The directory of Node's compile cache: an environment for processes that tests start repeatedly. */
import { fileURLToPath } from "node:url"

export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/keystate-compiled", import.meta.url))
}
