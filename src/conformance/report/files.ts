/** The files of a run: for each broken law a text, its diagrams, a replay file and scripts. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { replayOf } from "../counterexamples/replay.ts"
import type { Report } from "./report.ts"
import { lifecycleSvg } from "./lifecycleSvg.ts"
import { scriptsOf } from "./scripts/scripts.ts"
import { counterexampleText } from "./terminal.ts"

/**
 * Writes the counterexamples of a report into a directory and returns the names of the files. Writes nothing if no law
 * broke.
 */
export const writeFailures = (report: Report, directory: string): ReadonlyArray<string> => {
  if (report.counterexamples.length === 0) return []
  mkdirSync(directory, { recursive: true })
  return report.counterexamples.flatMap((found) => {
    const files: Readonly<Record<string, string>> = {
      txt: `${counterexampleText(found)}\n`,
      "lifecycle.svg": lifecycleSvg(found),
      "lifecycle.mmd": found.lifecycle,
      "sequence.mmd": found.sequence,
      json: `${JSON.stringify(replayOf(found, report.adapter.dialect), null, 2)}\n`,
      ...scriptsOf(found, report.adapter.dialect)
    }
    return Object.entries(files).map(([extension, text]) => {
      const path = join(directory, `${found.law}.${extension}`)
      writeFileSync(path, text)
      if (extension.endsWith("sh")) chmodSync(path, 0o755)
      return path
    })
  })
}
