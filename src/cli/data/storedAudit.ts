/** The audit log of a data directory or a database: prints it, or checks its hash chain. */
import { Effect } from "effect"
import { auditPage } from "../../audit/auditPage.ts"
import { walkChain } from "../../audit/chainWalk.ts"
import { auditLinesPerPageMax } from "../../domain/limits.ts"
import { DamagedLine } from "../../records/auditLine.ts"
import { StoreDamaged } from "../../store/store.ts"
import { print } from "../output/print.ts"
import { notedIfInterrupted } from "../output/progress.ts"
import { userError } from "../output/userError.ts"
import { lookedRows } from "../settings/looked.ts"
import type { LookedPlace } from "../settings/looked.ts"
import { printRecords } from "./auditPrinting.ts"
import type { Wanted } from "./auditPrinting.ts"

const printStored = ({ filter, order }: Wanted) =>
  printRecords((after) => auditPage({ filter, order, after, limit: auditLinesPerPageMax })).pipe(
    Effect.catchTag("UnknownPlace", Effect.die),
    Effect.catchDefect((defect) =>
      defect instanceof DamagedLine ? Effect.fail(new StoreDamaged({ message: defect.message })) : Effect.die(defect)
    ),
    Effect.catchTag(["StoreDamaged", "StoreUnavailable"], ({ message }) =>
      Effect.fail(userError(`The audit log cannot be read: ${message}.`))
    )
  )

const verify = Effect.gen(function* () {
  const { broken, ...whole } = yield* notedIfInterrupted("The check is not complete.")(walkChain)
  if (broken !== undefined) return yield* userError(`The audit chain is broken: ${broken}.`)
  yield* print("audit --verify", { value: whole, normally: "json" })
})

/** Prints the selected records of a data directory or a database. Without `wanted`, checks the hash chain. */
export const readStored = (place: LookedPlace, wanted: Wanted | undefined) =>
  Effect.flatMap(lookedRows(place), ({ layer }) =>
    (wanted === undefined ? verify : printStored(wanted)).pipe(
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", ({ message }) => Effect.fail(userError(message)))
    )
  )
