/** The laws of providers for the provider on @noble, which does not need Node. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { providerLaws } from "../../src/conformance/provider/index.ts"
import { asTests } from "../asTests.ts"
import { native, portable as portableProvider } from "./providers.ts"

asTests("the portable provider", providerLaws(portableProvider, native))

/** Every file of this project that the given file imports, with its imports of packages. */
const reached = (start: URL): Map<string, ReadonlyArray<string>> => {
  const files = new Map<string, ReadonlyArray<string>>()
  const visit = (file: URL): void => {
    if (files.has(file.href)) return
    const source = readFileSync(file, "utf8")
    const imports = [...source.matchAll(/^import (?!type )[^"]*"([^"]+)"$/gm)].map(([, name = ""]) => name)
    files.set(
      file.href,
      imports.filter((name) => !name.startsWith("."))
    )
    for (const name of imports) if (name.startsWith(".")) visit(new URL(name, file))
  }
  visit(start)
  return files
}

const portable =
  /^(effect|sm-crypto-v2\/dist\/index\.mjs|(@noble\/(ciphers|curves|hashes)|micro-rsa-dsa-dh)\/[a-z0-9/]+\.js)$/

describe("the portable provider", () => {
  it.for(["portableProvider.ts", "rootKey.ts"])("the portable provider imports no module of Node from %s", (name) => {
    const files = reached(new URL(`../../src/crypto/portable/${name}`, import.meta.url))
    const packages = new Set([...files.values()].flat())
    expect(files.size).toBeGreaterThan(3)
    expect([...packages].filter((module) => !portable.test(module))).toStrictEqual([])
  })
})
