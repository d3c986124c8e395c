/** Reads Stryker's report, and judges the mutants that no test noticed. */

export interface Mutant {
  readonly file: string
  readonly line: number
  readonly mutator: string
  /** The original code, and its replacement. */
  readonly original: string
  readonly replacement: string
  readonly status: string
}

/** A survivor that needs no test, with the reason. It is found by its code, because lines move. */
export interface Judged {
  readonly file: string
  readonly original: string
  readonly replacement: string
  readonly reason: string
}

interface Position {
  readonly line: number
  readonly column: number
}

interface StrykerReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string
        readonly mutants: ReadonlyArray<{
          readonly mutatorName: string
          readonly replacement?: string
          readonly status: string
          readonly location: { readonly start: Position; readonly end: Position }
        }>
      }
    >
  >
}

const offsetOf = (lines: ReadonlyArray<string>, { column, line }: Position): number =>
  lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1

export const mutantsOf = (json: string): ReadonlyArray<Mutant> => {
  const report: StrykerReport = JSON.parse(json)
  return Object.entries(report.files).flatMap(([file, { mutants, source }]) => {
    const lines = source.split("\n")
    return mutants.map(({ location, mutatorName, replacement = "", status }) => ({
      file,
      line: location.start.line,
      mutator: mutatorName,
      original: source.slice(offsetOf(lines, location.start), offsetOf(lines, location.end)),
      replacement,
      status
    }))
  })
}

const noticed: ReadonlySet<string> = new Set(["Killed", "Timeout", "RuntimeError"])
/** A mutant that does not compile, or that Stryker was configured to omit, does not count. */
const counted: ReadonlySet<string> = new Set([...noticed, "Survived", "NoCoverage"])

export interface Score {
  readonly counted: number
  readonly killed: number
  /** Survivors with a reason. */
  readonly judged: ReadonlyArray<Mutant>
  readonly unjudged: ReadonlyArray<Mutant>
  /** Reasons for mutants that no longer exist or no longer survive. */
  readonly outdated: ReadonlyArray<Judged>
}

const matches = (mutant: Mutant, judged: Judged): boolean =>
  mutant.file === judged.file && mutant.original === judged.original && mutant.replacement === judged.replacement

export const scoreOf = (mutants: ReadonlyArray<Mutant>, judged: ReadonlyArray<Judged>): Score => {
  const all = mutants.filter(({ status }) => counted.has(status))
  const survivors = all.filter(({ status }) => !noticed.has(status))
  const files = new Set(mutants.map(({ file }) => file))
  return {
    counted: all.length,
    killed: all.length - survivors.length,
    judged: survivors.filter((mutant) => judged.some((one) => matches(mutant, one))),
    unjudged: survivors.filter((mutant) => !judged.some((one) => matches(mutant, one))),
    outdated: judged.filter((one) => files.has(one.file) && !survivors.some((mutant) => matches(mutant, one)))
  }
}

/** The share of mutants that a test notices, in percent. Survivors with a reason count as survivors. */
export const percentOf = ({ counted: all, killed }: Pick<Score, "counted" | "killed">): number =>
  all === 0 ? 100 : (100 * killed) / all
