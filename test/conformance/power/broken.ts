/** A second copy of the engine in this process, with a fault in it: the suite and its oracle load the sound one. */
import { registerHooks } from "node:module"
import { patched, root } from "./fault.ts"
import type { BrokenEngine } from "./fault.ts"

const mark = "?faulty"
const own = root.href
const isOurs = (url: string): boolean => url.startsWith(own) && !url.includes("/node_modules/")

/** Files that were patched, once they are loaded: a fault in a file that is not loaded has no effect. */
export const loaded = new Set<string>()

/** A module that is imported with the mark adds it to all its imports from this repository. */
export const breakEngine = (fault: BrokenEngine | undefined): void => {
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context)
      const passesOn = context.parentURL?.endsWith(mark) === true && isOurs(resolved.url)
      return passesOn && !resolved.url.endsWith(mark) ? { ...resolved, url: resolved.url + mark } : resolved
    },
    load: (url, context, next) => {
      const read = next(url, context)
      if (fault === undefined || !url.endsWith(mark) || read.source === undefined || read.source === null) return read
      const file = url.slice(own.length, -mark.length)
      if (!fault.patches.some((patch) => patch.file === file)) return read
      loaded.add(file)
      const { source } = read
      const text = typeof source === "string" ? source : new TextDecoder().decode(source)
      return { ...read, source: patched(fault, file, text) }
    }
  })
}

/** Imports a module of this repository by its path from the root, with the fault in all its imports. */
export const importFaulty = (path: string): Promise<unknown> => import(new URL(path, root).href + mark)
