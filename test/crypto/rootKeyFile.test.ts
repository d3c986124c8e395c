/** The root key file: created once, read strictly, and refused with a sentence if it is invalid. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { openRootKeyFile } from "../../src/crypto/native/rootKeyFile.ts"
import { brokenChance, chance, toHex } from "./material.ts"

const digits = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"

describe("the root key file", () => {
  let directory = ""
  const pathOf = (name = "root.key") => join(directory, name)
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "keystate-"))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const open = (path = pathOf(), seed = "file") => openRootKeyFile({ path, randomness: chance(seed), make: true })
  const message = (path = pathOf()) => Effect.map(Effect.flip(open(path)), (refused) => refused.message)
  const write = (content: string, mode = 0o600) => {
    writeFileSync(pathOf(), content, { mode })
    chmodSync(pathOf(), mode)
  }

  it.effect.each([0o000, 0o277])(
    "the root key file is created once, readable only by its owner, for any umask: %o",
    (strange) =>
      Effect.gen(function* () {
        const umask = process.umask(strange)
        const made = yield* Effect.ensuring(
          open(),
          Effect.sync(() => process.umask(umask))
        )
        expect(statSync(pathOf()).mode & 0o777).toBe(0o600)
        expect(readFileSync(pathOf(), "latin1")).toMatch(/^[0-9a-f]{64}\n$/)
        expect(readdirSync(directory)).toStrictEqual(["root.key"])
        const found = yield* open(pathOf(), "another seed")
        expect(toHex(found.checkValue)).toBe(toHex(made.checkValue))
      })
  )

  it.effect("the root key file has one line of 64 digits, with or without a line end", () =>
    Effect.gen(function* () {
      write(`${digits}\n`)
      const withEnd = yield* open()
      write(digits)
      const without = yield* open()
      write(`${digits.slice(2)}00\n`)
      const other = yield* open()
      expect(toHex(without.checkValue)).toBe(toHex(withEnd.checkValue))
      expect(toHex(other.checkValue)).not.toBe(toHex(withEnd.checkValue))
    })
  )

  it.effect.each([0o640, 0o604, 0o660, 0o602, 0o777])(
    "refuses a root key file if others have access: mode %o",
    (mode) =>
      Effect.gen(function* () {
        write(`${digits}\n`, mode)
        expect(yield* message()).toMatch(/others than its owner \(mode \d{3}\); chmod 600 it\.$/)
      })
  )

  it.effect.each([
    ["empty", "", /has 0 bytes/],
    ["a digit short", digits.slice(1), /has 63 bytes/],
    ["two lines", `${digits}\n\n`, /has 66 bytes/],
    ["much too long", digits.repeat(40_000), /has 2560000 bytes/],
    ["in capitals", digits.toUpperCase(), /lower-case hexadecimal/],
    ["not hexadecimal", `g${digits.slice(1)}`, /lower-case hexadecimal/],
    ["65 digits without an end", `${digits}0`, /lower-case hexadecimal/],
    ["a digit short with an end", `${digits.slice(1)}\n`, /lower-case hexadecimal/]
  ] as const)("refuses a root key file that is %s, and leaves the file unchanged", ([, content, expected]) =>
    Effect.gen(function* () {
      write(content)
      const refused = yield* message()
      expect(refused).toMatch(expected)
      expect(refused).not.toContain(digits.slice(0, 8))
      expect(readFileSync(pathOf(), "latin1")).toBe(content)
    })
  )

  it.effect("refuses a root key file whose directory is missing or a file, or that is a directory", () =>
    Effect.gen(function* () {
      expect(yield* message(join(directory, "none", "root.key"))).toContain("its directory does not exist (ENOENT)")
      write(digits)
      expect(yield* message(join(pathOf(), "root.key"))).toContain("its directory is a file (ENOTDIR)")
      mkdirSync(pathOf("folder"), { mode: 0o700 })
      expect(yield* message(pathOf("folder"))).toMatch(/^The root key file .*folder /)
    })
  )

  it.effect("services that start together use the same root key file", () =>
    Effect.gen(function* () {
      const seeds = ["a", "b", "c", "d"]
      const keys = yield* Effect.all(
        seeds.map((seed) => open(pathOf(), seed)),
        { concurrency: "unbounded" }
      )
      expect(new Set(keys.map((key) => toHex(key.checkValue))).size).toBe(1)
      expect(readdirSync(directory)).toStrictEqual(["root.key"])
    })
  )

  it.effect("reads a root key file that another process created between the check and the creation", () =>
    Effect.gen(function* () {
      // The key is drawn after the check, so this code runs between the two.
      const drawn = chance("late")
      const inTheGap = {
        ...drawn,
        bytes: (length: number) => {
          write(`${digits}\n`)
          return drawn.bytes(length)
        }
      }
      const late = yield* openRootKeyFile({ path: pathOf(), randomness: inTheGap, make: true })
      expect(toHex(late.checkValue)).toBe(toHex((yield* open()).checkValue))
      expect(readFileSync(pathOf(), "latin1")).toBe(`${digits}\n`)
      expect(readdirSync(directory)).toStrictEqual(["root.key"])
    })
  )

  it.effect.each(Object.entries(brokenChance).filter(([name]) => name !== "gives the same bytes at each call"))(
    "makes no root key file from a generator that %s, and leaves nothing behind",
    ([, randomness]) =>
      Effect.gen(function* () {
        const refused = yield* Effect.flip(openRootKeyFile({ path: pathOf(), randomness, make: true }))
        expect(refused.message).toMatch(/randomness|generator/)
        expect(readdirSync(directory)).toStrictEqual([])
      })
  )
})
