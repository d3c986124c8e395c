/** `npm run bench`: each goal as a ratio to a floor of the same run; `-- --json` prints rows for machines. */
import { asymmetricSign } from "./asymmetricSign.ts"
import { durableChanges } from "./durableChanges.ts"
import { encryptInProcess } from "./encryptInProcess.ts"
import { encryptOverHttp } from "./encryptOverHttp.ts"
import { keysInToken } from "./keysInToken.ts"
import { manyKeys } from "./manyKeys.ts"
import { manyAtOnce } from "./manyAtOnce.ts"
import type { Row } from "./measure.ts"
import { onPostgres } from "./onPostgres.ts"
import { answerHelp } from "../programOptions.ts"

answerHelp({
  command: "npm run bench -- [options]",
  does: "Measures the speed of the important calls; each goal is a ratio to a floor of the same run.",
  options: { json: { type: "boolean", about: "prints rows for machines" } }
})
const json = process.argv.includes("--json")

const show = (found: Row): void => {
  if (json) return
  const sign = found.atMost === true ? "≤" : "≥"
  const verdict = found.ok ? "ok  " : "MISS"
  process.stdout.write(`${verdict}  ${found.name}: ${found.ratio} (goal ${sign} ${found.goal}; ${found.detail})\n`)
}

const rows: Array<Row> = []
const add = (found: Row): void => {
  rows.push(found)
  show(found)
}

for (const found of await encryptInProcess()) add(found)
add(await encryptOverHttp())
add(await durableChanges())
for (const found of await asymmetricSign()) add(found)
for (const found of await keysInToken()) add(found)
for (const found of await manyKeys()) add(found)
for (const found of await onPostgres()) add(found)
for (const found of await manyAtOnce()) add(found)

if (json)
  for (const { name, ratio, goal, ok } of rows) process.stdout.write(`${JSON.stringify({ name, ratio, goal, ok })}\n`)
process.exitCode = rows.every((found) => found.ok) ? 0 : 1
