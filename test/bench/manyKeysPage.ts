/** The section of the page of performance about a store with many keys, written from the stored results. */

interface ManyKeysRow {
  readonly name: string
  readonly ratio: number
  readonly goal: number
  readonly ok: boolean
  readonly detail: string
}

export interface ManyKeysRun {
  readonly date: string
  readonly commit: string
  readonly machine: string
  /** The load average of the machine before and after the run. */
  readonly loadAverage: readonly [before: number, after: number]
  readonly keys: number
  /** The size of the database file, gigabytes. */
  readonly gigabytes: number
  readonly rows: ReadonlyArray<ManyKeysRow>
}

export const readManyKeysRun = (text: string): ManyKeysRun => JSON.parse(text)

const rowOf = ({ detail, goal, name, ok, ratio }: ManyKeysRow): string =>
  `| ${name} | ${ratio} | ≤ ${goal} | ${ok ? "met" : "missed"} | ${detail} |`

export const manyKeysSection = (run: ManyKeysRun): ReadonlyArray<string> => [
  "## Many keys",
  "",
  `\`npm run bench:ten-million -- --keys ${run.keys}\` measured these figures on ${run.date}, at commit ${run.commit}, on`,
  `${run.machine}. The load average was ${run.loadAverage[0].toFixed(1)} before the run and`,
  `${run.loadAverage[1].toFixed(1)} after it. The store has ${run.keys.toLocaleString("en")} keys in ${run.gigabytes.toFixed(1)} GB, each with a deadline.`,
  "Nine of ten keys belong to one account, and one of ten has an alias. Times are the shortest of several. Ratios compare",
  "processor time in the same run.",
  "",
  "| figure | measured | goal | | detail |",
  "|---|---|---|---|---|",
  ...run.rows.map(rowOf),
  ""
]
