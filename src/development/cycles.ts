/** Finds files that import each other in a circle, including imports of types. */
import { dirname, join } from "node:path"
import { importsOf } from "./imports.ts"
import { productFiles, root } from "./walls.ts"

export type ImportGraph = ReadonlyMap<string, ReadonlyArray<string>>

/** The product files by path, each with the product files that it imports. */
export const productImports = (): ImportGraph =>
  new Map(
    productFiles().map((path) => [
      path,
      importsOf(join(root, path))
        .filter((imported) => imported.startsWith("."))
        .map((imported) => join(dirname(path), imported))
    ])
  )

/** Removes files that import no other file of the graph, until every remaining file imports a remaining one. */
const withoutLeaves = (graph: ImportGraph): ImportGraph => {
  const left = new Map([...graph].filter(([, imports]) => imports.some((imported) => graph.has(imported))))
  return left.size === graph.size ? left : withoutLeaves(left)
}

/**
 * A circle of files, the first one repeated at the end; undefined without a circle. A file that imports itself is a
 * circle too.
 */
export const cycleIn = (graph: ImportGraph): ReadonlyArray<string> | undefined => {
  const circular = withoutLeaves(graph)
  const [first] = circular.keys()
  if (first === undefined) return undefined
  const path = [first]
  for (;;) {
    const next = circular.get(path.at(-1) ?? first)?.find((imported) => circular.has(imported))
    if (next === undefined) throw new Error("a file without imports was left in the graph")
    if (path.includes(next)) return [...path.slice(path.indexOf(next)), next]
    path.push(next)
  }
}
