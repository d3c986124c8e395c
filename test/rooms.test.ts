/** The table of rooms: the allowed imports, and the check that refuses all others. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cycleIn, productImports } from "../src/development/cycles.ts"
import { importsOf } from "../src/development/imports.ts"
import { roomNames, rooms } from "../src/development/rooms.ts"
import type { RoomName } from "../src/development/rooms.ts"
import { forbiddenImports, productFiles, refusal, roomOf, root } from "../src/development/walls.ts"

/** Rooms in an order in which each imports only earlier ones; the remaining ones form a cycle. */
const inCircles = (): ReadonlyArray<RoomName> => {
  const placed = new Set<RoomName>()
  let left: ReadonlyArray<RoomName> = roomNames
  for (;;) {
    const free = left.filter((room) => rooms[room].rooms.every((next) => placed.has(next)))
    if (free.length === 0) return left
    for (const room of free) placed.add(room)
    left = left.filter((room) => !placed.has(room))
  }
}

/** The lint rules that comments of a file disable. A comment without a rule disables all. */
const switchedOff = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?:ox|es)lint-disable\S*([^\n]*)/g)].flatMap(([, rest = ""]) => {
    const [names = ""] = rest.split("--")
    const rules = names.split(/[\s,*/]+/).filter((rule) => rule !== "")
    return rules.length === 0 ? ["every rule"] : rules
  })

const imports = productImports()

describe("rooms", () => {
  it("rooms contain every product file", () => {
    expect(productFiles().filter((path) => roomOf(path) === undefined)).toEqual([])
  })

  it("rooms import only what the table allows", () => {
    expect(forbiddenImports()).toEqual([])
  })

  it("rooms have no import cycle", () => {
    expect(inCircles()).toEqual([])
  })

  it("rooms have no unused permission to import another room", () => {
    const used = new Map<RoomName, Set<string>>(roomNames.map((room) => [room, new Set()]))
    for (const [path, imported] of imports) {
      const room = roomOf(path)
      for (const target of imported.map(roomOf)) {
        if (room !== undefined && target !== undefined) used.get(room)?.add(target)
      }
    }
    const unused = roomNames.flatMap((room) =>
      rooms[room].rooms.filter((next) => used.get(room)?.has(next) !== true).map((next) => `${room} → ${next}`)
    )
    expect(unused).toEqual([])
  })
})

describe("product files", () => {
  it("product files have no import cycle, types included", () => {
    expect(cycleIn(imports)).toBeUndefined()
  })

  it("product files disable no limit of functions", () => {
    const limits = new Set(["every rule", "max-lines-per-function", "complexity", "max-params", "no-nested-ternary"])
    const found = productFiles().flatMap((path) =>
      switchedOff(readFileSync(join(root, path), "utf8")).filter((rule) => limits.has(rule))
    )
    expect(found).toEqual([])
  })
})

describe("the search for disabled rules", () => {
  it.each([
    ["// oxlint-disable-next-line max-params", ["max-params"]],
    ["/* eslint-disable complexity, max-params -- too long */", ["complexity", "max-params"]],
    ["/* oxlint-disable */", ["every rule"]],
    ["const disable = 1", []]
  ])("the search for disabled rules reads %s", (text, expected) => {
    expect(switchedOff(text)).toEqual(expected)
  })
})

describe("cycleIn", () => {
  it.each([
    ["no imports", { a: [], b: [] }, undefined],
    ["a chain and a diamond", { a: ["b", "c"], b: ["d"], c: ["d"], d: ["outside"] }, undefined],
    ["a file that imports itself", { a: ["a"] }, ["a", "a"]],
    ["two files", { a: ["b"], b: ["a"] }, ["a", "b", "a"]],
    ["a circle behind a chain", { a: ["b"], b: ["c"], c: ["d", "leaf"], d: ["b"], leaf: [] }, ["b", "c", "d", "b"]]
  ] as const)("cycleIn gives the right answer for %s", (_title, imports, expected) => {
    expect(cycleIn(new Map(Object.entries<ReadonlyArray<string>>(imports)))).toEqual(expected)
  })
})

describe("the import check", () => {
  it.each([
    ["machines/cmk.ts", "effect"],
    ["machines/cmk.ts", "node:crypto"],
    ["machines/cmk.ts", "../src/domain/ids.ts"],
    ["src/domain/ids.ts", "../store/store.ts"],
    ["src/domain/ids.ts", "../../machines/cmk.ts"],
    ["src/encoding/pem.ts", "../domain/ids.ts"],
    ["src/records/rows.ts", "../store/store.ts"],
    ["src/store/store.ts", "../audit/audit.ts"],
    ["src/store/store.ts", "./sqlite/sqliteStore.ts"],
    ["src/store/store.ts", "../crypto/provider.ts"],
    ["src/store/memory/memoryStore.ts", "../sqlite/sqliteStore.ts"],
    ["src/crypto/provider.ts", "../actor/keyActor.ts"],
    ["src/timers/timers.ts", "../actor/keyActor.ts"],
    ["src/actor/keyActor.ts", "../operation/operation.ts"],
    ["src/actor/keyActor.ts", "../verification/verify.ts"],
    ["src/operation/keys/CreateKey.ts", "../../requests/dispatch.ts"],
    ["src/operation/keys/CreateKey.ts", "../../wire/rpcRequest.ts"],
    ["src/authorization/access.ts", "../operation/operation.ts"],
    ["src/authorization/access.ts", "../actor/keyDirectory.ts"],
    ["src/requests/dispatch.ts", "../server/httpServer.ts"],
    ["src/wire/rpcRequest.ts", "../authorization/access.ts"],
    ["src/wire/rpcRequest.ts", "../actor/keyDirectory.ts"],
    ["src/visualizer/index.ts", "../kms.ts"],
    ["src/visualizer/index.ts", "../conformance/index.ts"],
    ["src/conformance/index.ts", "../server/httpServer.ts"],
    ["src/conformance/index.ts", "../actor/keyActor.ts"],
    ["src/console/server/rows.ts", "../../server/httpServer.ts"],
    ["src/console/app/app.tsx", "../../store/store.ts"],
    ["src/server/httpServer.ts", "../cli/serve.ts"],
    ["src/kms.ts", "./cli/kms.ts"],
    ["src/kms.ts", "./development/rooms.ts"],
    ["src/store/sqlite/sqliteStore.ts", "fs-extra"],
    ["src/operation/keys/CreateKey.ts", "node:fs"],
    ["src/requests/dispatch.ts", "fs"],
    ["src/newRoom/file.ts", "effect"]
  ])("the import check refuses that %s imports %s", (path, imported) => {
    expect(refusal(path, imported)).toMatch(/may not|stands in no room/)
  })

  it("the import check finds imports in statements, expressions, types and workers", () => {
    const folder = mkdtempSync(join(tmpdir(), "keystate-imports-"))
    const path = join(folder, "file.ts")
    writeFileSync(
      path,
      [
        'import "./a.ts"',
        'import type { B } from "./b.ts"',
        'export { c } from "./c.ts"',
        'export * from "./d.ts"',
        'export const e = () => import("./e.ts")',
        'export type F = import("./f.ts").F & B',
        'export const g = new URL("./g.ts", import.meta.url)',
        'export const h: unknown = require("h")',
        'export const text = `import "./not.ts"`',
        '// import "./neither.ts"'
      ].join("\n")
    )
    const found = importsOf(path)
    rmSync(folder, { recursive: true })
    expect(found).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts", "./g.ts", "h"])
  })
})
