/** The index of the decision records, `docs/decisions/README.md`. */
import { readdirSync, readFileSync } from "node:fs"

const folder = new URL("../../../docs/decisions/", import.meta.url)

export interface DecisionRecord {
  readonly file: string
  readonly number: number
  readonly title: string
  /** The day of the decision: `2026-11-24`. */
  readonly date: string
  readonly status: string
}

/** Numbers without a record, each with the reason. */
export const unusedNumbers: Readonly<Record<number, string>> = {
  9: "No record with this number was ever committed. Numbers are not given out again, so it stays unused."
}

const form =
  /^# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\. Status: (proposed|accepted|superseded by \[\d+\]\([^)]+\))\.\n/

/** Reads the head of a record; undefined if its form differs from the one that the index describes. */
export const recordIn = (file: string, text: string): DecisionRecord | undefined => {
  const [, number, title, date, status] = form.exec(text) ?? []
  return number === undefined || title === undefined || date === undefined || status === undefined
    ? undefined
    : { file, number: Number(number), title, date, status }
}

/** The files of the records, by number. */
export const recordFiles = (): ReadonlyArray<readonly [file: string, text: string]> =>
  readdirSync(folder)
    .filter((file) => /^\d{4}-/.test(file))
    .sort()
    .map((file) => [file, readFileSync(new URL(file, folder), "utf8")] as const)

const row = ({ file, number, title, date, status }: DecisionRecord): string =>
  `| ${number} | [${title}](${file}) | ${date} | ${status} |`

export const generateDecisionsPage = (): string => {
  const records = recordFiles().flatMap(([file, text]) => recordIn(file, text) ?? [])
  const unused = Object.entries(unusedNumbers).map(([number, reason]) => `- Number ${number}: ${reason}`)
  return `# Decisions

Each record says what was decided, why, and what was considered instead. \`npm run docs\` writes this index.

| number | decision | date | status |
|---|---|---|---|
${records.map(row).join("\n")}

Unused numbers:

${unused.join("\n")}

## How to add a record

1. Name the file \`NNNN-short-title.md\`, with the next free number.
2. Begin it with a heading, \`# NN. Title\`, an empty line, and the line \`Date: YYYY-MM-DD. Status: accepted.\`
3. Write the context, the decision and its consequences. Name the alternatives and why they were not taken.
4. Run \`npm run docs\`, which adds the record to this index.

A status is \`proposed\`, \`accepted\`, or \`superseded by [NN](NNNN-other-title.md)\`. A record that is superseded stays, so that
links to it keep their meaning.
`
}
