/** Loads a module of the user. A single executable can import only its own modules, and requires all others. */
import { createRequire } from "node:module"
import { isSea } from "node:sea"
import { pathToFileURL } from "node:url"

export const loadModule = async (path: string): Promise<object> =>
  isSea() ? createRequire(path)(path) : await import(pathToFileURL(path).href)
