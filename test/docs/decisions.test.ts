/** Every decision record has a number, a date and a status, and the index lists it. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { recordFiles, recordIn, unusedNumbers } from "../../src/development/docs/decisionsPage.ts"

const files = recordFiles()
const records = files.flatMap(([file, text]) => recordIn(file, text) ?? [])

describe("decision records", () => {
  it("decision records begin with a numbered heading, a date and a status", () => {
    expect(files.filter(([file, text]) => recordIn(file, text) === undefined).map(([file]) => file)).toEqual([])
  })

  it("decision records have the number of their file", () => {
    expect(records.filter(({ file, number }) => !file.startsWith(String(number).padStart(4, "0")))).toEqual([])
  })

  it("decision records are numbered without gaps, except for the unused numbers that the index explains", () => {
    const numbers = [...records.map(({ number }) => number), ...Object.keys(unusedNumbers).map(Number)]
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1))
  })

  it("decision records have a date in the calendar", () => {
    expect(records.filter(({ date }) => new Date(date).toISOString().slice(0, 10) !== date)).toEqual([])
  })

  it("superseded decision records name a record that exists", () => {
    const names = new Set(files.map(([file]) => file))
    const successors = records.flatMap(({ status }) => /\(([^)]+)\)/.exec(status)?.[1] ?? [])
    expect(successors.filter((name) => !names.has(name))).toEqual([])
  })
})

describe("recordIn", () => {
  const head = "# 4. A title\n\nDate: 2026-11-24. Status: accepted.\n"

  it("recordIn reads number, title, date and status", () => {
    expect(recordIn("0004-a.md", head)).toEqual({
      file: "0004-a.md",
      number: 4,
      title: "A title",
      date: "2026-11-24",
      status: "accepted"
    })
  })

  it.each([
    ["no date", head.replace("Date: 2026-11-24. ", "")],
    ["no status", head.replace(" Status: accepted.", "")],
    ["an unknown status", head.replace("accepted", "rejected")],
    ["no number", head.replace("4. ", "")]
  ])("recordIn refuses a record with %s", (_, text) => {
    expect(recordIn("0004-a.md", text)).toBeUndefined()
  })
})

describe("the record of dependencies", () => {
  const url = (path: string) => new URL(`../../${path}`, import.meta.url)
  const manifest: unknown = JSON.parse(readFileSync(url("package.json"), "utf8"))
  const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
  const declared = new Set(kinds.flatMap((kind) => Object.keys(Object(Reflect.get(Object(manifest), kind)))))
  const [, ...rows] = readFileSync(url("docs/decisions/0001-dependencies.md"), "utf8").split(/^\| (?=`)/m)
  const named = rows.flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name))

  it("the record of dependencies gives a reason for every package, and names no other", () => {
    expect([...new Set(named)].toSorted()).toEqual([...declared].toSorted())
  })
})
