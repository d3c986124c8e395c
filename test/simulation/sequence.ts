/** Draws the trace of a run: one column for the store, one for each node, in the order of events. */
const widthOf = 44

const columnsFor = (nodes: number): ReadonlyArray<string> => ["the store", ...["A", "B", "C"].slice(0, nodes)]

/** The column of a line of the trace: lines begin with the name of a machine, such as `A` or `A0`. */
const columnOf = (text: string, columns: ReadonlyArray<string>): number => {
  const at = columns.findIndex((name) => text.startsWith(name))
  return Math.max(0, at)
}

const padded = (text: string): string =>
  text.length > widthOf ? `${text.slice(0, widthOf - 1)}…` : text.padEnd(widthOf)

const lineOf = (line: string, columns: ReadonlyArray<string>): string => {
  const [at = "", ...words] = line.split(" ")
  const text = words.join(" ")
  const place = columnOf(text, columns)
  const cells = columns.map((_name, column) => (column === place ? padded(text) : padded("")))
  return `${Number(at).toFixed(1).padStart(12)} ${cells.join(" ").trimEnd()}`
}

/** Time is in milliseconds since the run began. */
export const sequenceOf = (trace: ReadonlyArray<string>, nodes: number): string => {
  const columns = columnsFor(nodes)
  return [
    `${"ms".padStart(12)} ${columns.map(padded).join(" ").trimEnd()}`,
    ...trace.map((line) => lineOf(line, columns))
  ].join("\n")
}
