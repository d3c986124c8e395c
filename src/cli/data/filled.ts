/** Fills a new store with rows, verifies it, and then gives it its final name. */
import { Effect, Stream } from "effect"
import type { EngineOptions } from "../../main.ts"
import type { Rows, RowTarget } from "../../store/transfer.ts"
import { transferRows } from "../../transfer/transferRows.ts"
import { withProgress } from "../output/progress.ts"
import type { Show } from "../output/progress.ts"
import { userError } from "../output/userError.ts"
import { verifiedOn } from "./verified.ts"

export interface Filling<E> {
  readonly rows: Rows<E>
  readonly target: RowTarget
  /** How secrets are opened; undefined if the root key is not known. */
  readonly options: EngineOptions | undefined
  /** Whether a store with findings is completed too. */
  readonly allowsFindings: boolean
  readonly ifInterrupted: string | undefined
}

export const nothingWritten = "Nothing was written."

/** Converts every failure of a transfer to an error for the user. */
export const orUserError = <A, R>(work: Effect.Effect<A, { readonly message: string }, R>) =>
  Effect.mapError(work, ({ message }) => userError(message))

/** The same pages, with progress: each page reports the number of rows read so far. */
export const pagesShown = <P, E>(show: Show, phase: string, pages: Stream.Stream<P, E>, sizeOf: (page: P) => number) =>
  Stream.suspend(() => {
    let count = 0
    return Stream.map(pages, (page) => {
      count += sizeOf(page)
      show(phase, `rows ${phase}: ${count}`)
      return page
    })
  })

export const rowsShown = <E>(show: Show, phase: string, rows: Rows<E>): Rows<E> =>
  pagesShown(show, phase, rows, (page) => page.rows.length)

/** Fills the target and verifies it. Returns the findings. */
export const fill = <E extends { readonly message: string }>({
  rows,
  target,
  options,
  ifInterrupted
}: Omit<Filling<E>, "allowsFindings">) =>
  orUserError(
    withProgress(
      (show) =>
        Effect.gen(function* () {
          const counts = yield* transferRows(rowsShown(show, "copied", rows), target)
          const report = yield* verifiedOn(target.driver, options, show)
          return { rows: counts, ...report }
        }),
      { ifInterrupted }
    )
  )

/** Fills the target, verifies it, and completes it if there are no findings. */
export const fillAndFinish = <E extends { readonly message: string }>(filling: Filling<E>) =>
  Effect.gen(function* () {
    const report = yield* fill(filling)
    if (report.findings.length > 0 && !filling.allowsFindings) {
      const { findings } = report
      return yield* userError(
        `The data is damaged: ${findings.length} findings. Nothing was written. --allow-findings writes it as it is.`,
        { findings }
      )
    }
    yield* orUserError(filling.target.finish)
    return report
  })
