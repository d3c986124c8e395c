/** The stored measurements, and the page that is written from them. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { pageOf } from "./page.ts"
import type { Result, StoredScore } from "./page.ts"

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const resultsFile = fileOf("results.json")
const scoresFile = fileOf("../mutation/scores.json")
const pageFile = fileOf("../../docs/reliability.md")

export const readResults = (): ReadonlyArray<Result> => {
  const results: ReadonlyArray<Result> = JSON.parse(readFileSync(resultsFile, "utf8"))
  return results
}

export const readScores = (): ReadonlyArray<StoredScore> => {
  const scores: ReadonlyArray<StoredScore> = JSON.parse(readFileSync(scoresFile, "utf8"))
  return scores
}

const writeJson = (file: string, value: unknown): void => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)

const writePage = (): void => writeFileSync(pageFile, pageOf(readResults(), readScores()))

export const writeResults = (results: ReadonlyArray<Result>): void => {
  writeJson(resultsFile, results)
  writePage()
}

export const writeScores = (scores: ReadonlyArray<StoredScore>): void => {
  writeJson(scoresFile, scores)
  writePage()
}
