/** The messages of an editor and the compiler about the types of the library. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { languageServer } from "./languageServer.ts"
import type { LanguageServer } from "./languageServer.ts"
import { programLaws } from "./programs.ts"

const promises = readFileSync(new URL("library.ts", import.meta.url), "utf8")

let server: LanguageServer
beforeAll(async () => {
  server = await languageServer(fileURLToPath(new URL(".", import.meta.url)))
})
afterAll(() => server.stop())

describe("the types of the library", () => {
  it("the types of the library keep what test/types/library.ts promises", async () => {
    expect(await server.errors(promises)).toEqual([])
  })

  it("the types of the library are checked with the strict settings of this project", async () => {
    expect(await server.errors('export const first: string = ["a"][0]\n')).toHaveLength(1)
  })

  it("the type check finds an error list that breaks its promise", async () => {
    const broken = promises.replace('"DeleteConflict.Role.Policy"', '"InternalFailure"')
    expect(await server.errors(broken)).toHaveLength(1)
  })

  programLaws(() => server)
})
