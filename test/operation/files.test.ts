/** Each operation has a file of its name, and no folder has too many files. */
import { readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { stsOperations } from "../../src/operation/apis.ts"
import { catalogue } from "../../src/operation/catalogue.ts"
import { earlierNames } from "../../src/operation/accessControl/earlierNames.ts"
import { ramOperations } from "../../src/operation/ram/catalogue.ts"

const room = fileURLToPath(new URL("../../src/operation/", import.meta.url))
const files = readdirSync(room, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"))
const filesMax = 30

/** Operations that are an earlier name of another one have no own file. */
const ownFiles = [
  ...Object.entries(catalogue).filter(([name]) => !Object.hasOwn(earlierNames, name)),
  ...Object.entries(ramOperations),
  ...Object.entries(stsOperations)
]

describe("the files of src/operation", () => {
  it.each(ownFiles)("one file of src/operation exports %s and no other operation", async (name, operation) => {
    const modules = await Promise.all(
      files
        .filter((path) => path.endsWith(`/${name}.ts`))
        .map((path) => import(pathToFileURL(join(room, path)).href) as Promise<Readonly<Record<string, unknown>>>)
    )
    const its = modules.filter((exported) => exported[name] === operation)
    expect(its).toHaveLength(1)
    const others = Object.entries(its[0] ?? {}).filter(
      ([exported, value]) => exported !== name && typeof value === "object" && value !== null && "permission" in value
    )
    expect(others).toEqual([])
  })

  it("the folders of src/operation have at most 30 files", () => {
    const counts = new Map<string, number>()
    for (const path of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count > filesMax)).toEqual([])
  })
})
