/** Which operation is answered how, in which state of which kind of key: as tables, and as Markdown. */

/** Tables of operations and states, one for each kind of key. */
export interface Outcomes {
  readonly title: string
  /** The title of each kind's table. */
  readonly kinds: Readonly<Record<string, string>>
  /** Every cell: kind, operation, state, outcome. */
  readonly rows: ReadonlyArray<readonly [kind: string, operation: string, state: string, outcome: string]>
}

interface Table {
  readonly title: string
  readonly states: ReadonlyArray<string>
  readonly operations: ReadonlyArray<string>
  readonly outcome: (operation: string, state: string) => string
}

/** The tables of the kinds, with operations as rows and states as columns. */
export const tablesOf = ({ kinds, rows }: Outcomes): ReadonlyArray<Table> =>
  Object.entries(kinds).map(([kind, title]) => {
    const own = rows.filter(([of]) => of === kind)
    return {
      title,
      states: [...new Set(own.map(([, , state]) => state))],
      operations: [...new Set(own.map(([, operation]) => operation))],
      outcome: (operation, state) => own.find(([, name, at]) => name === operation && at === state)?.[3] ?? ""
    }
  })

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** Outcomes that are words and not codes. */
const words = new Set(["Success", "either", "refused", ""])
/** An outcome as Markdown. */
export const code = (text: string): string => (words.has(text) ? text : `\`${text}\``)

/** The same as Markdown. */
export const outcomesMarkdown = (outcomes: Outcomes): string =>
  tablesOf(outcomes)
    .flatMap(({ title, states, operations, outcome }) => [
      `### ${title}`,
      "",
      row(["operation", ...states]),
      row(["operation", ...states].map(() => "---")),
      ...operations.map((name) => row([code(name), ...states.map((state) => code(outcome(name, state)))])),
      ""
    ])
    .join("\n")
