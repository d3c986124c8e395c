/** The table of legal operations for each state and kind of key, as Markdown, computed by the gate. */
import { refusalOf, rules } from "../../../machines/permits.ts"
import type { KeyOperation } from "../../../machines/permits.ts"
import { livingStates } from "../../../machines/vocabulary.ts"
import type { LivingState } from "../../../machines/vocabulary.ts"
import { code, outcomesMarkdown } from "./outcomes.ts"
import { deletedSpecimenOf, specimenOf } from "./specimens.ts"
import type { SpecimenKind } from "./specimens.ts"

type TabledKind = Exclude<SpecimenKind, "serviceKey">

export const titles = {
  symmetric: "Symmetric keys made by the service",
  external: "Keys with imported material (symmetric, Origin EXTERNAL)",
  encryptionPair: "Asymmetric keys for ENCRYPT/DECRYPT",
  signingPair: "Asymmetric keys for SIGN/VERIFY"
} as const satisfies Record<TabledKind, string>

export const title = "What is legal in which state"

const kinds = ["symmetric", "external", "encryptionPair", "signingPair"] as const

const isOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
export const operations: ReadonlyArray<KeyOperation> = Object.keys(rules).filter(isOperation)

/** `Success`, or the code of the refusal; undefined if no key of this kind can be in this state. */
const outcomeOf = (kind: SpecimenKind, operation: KeyOperation, state: LivingState): string | undefined => {
  const snapshot = specimenOf(kind, state)
  return snapshot === undefined ? undefined : (refusalOf(operation, snapshot)?.code ?? "Success")
}

/** Every cell of the tables: kind, operation, state, outcome. */
export const everyOutcome = (): ReadonlyArray<readonly [TabledKind, KeyOperation, LivingState, string]> =>
  kinds.flatMap((kind) =>
    operations.flatMap((operation) =>
      livingStates.flatMap((state) => {
        const outcome = outcomeOf(kind, operation, state)
        return outcome === undefined ? [] : [[kind, operation, state, outcome] as const]
      })
    )
  )

/** The only code of a set of refusals; undefined if there are several, which need a table. */
const only = (codes: ReadonlyArray<string>): string => {
  const [first, ...others] = new Set(codes)
  if (first === undefined || others.length > 0) throw new Error(`expected one code, found ${codes.join(", ")}`)
  return first
}

const afterDeletion = (): string => {
  const codes = kinds.flatMap((kind) => {
    const deleted = deletedSpecimenOf(kind)
    return operations.map((operation) => refusalOf(operation, deleted)?.code ?? "Success")
  })
  return `A deleted key answers ${code(only(codes))} to every operation of the API.`
}

const serviceKeys = (): string => {
  const outcomes = operations.map((operation) => [operation, outcomeOf("serviceKey", operation, "Enabled")] as const)
  const legal = outcomes.filter(([, outcome]) => outcome === "Success").map(([operation]) => code(operation))
  const refusal = only(outcomes.flatMap(([, outcome = "n/a"]) => (outcome === "Success" ? [] : [outcome])))
  return `A key managed by a cloud service answers ${code(refusal)} to every operation but ${legal.join(", ")}.`
}

/** One table for each kind of key, with operations as rows and states as columns. */
export const stateTableMarkdown = (): string =>
  [
    outcomesMarkdown({ title, kinds: titles, rows: everyOutcome() }),
    "### Other keys",
    "",
    serviceKeys(),
    "",
    afterDeletion(),
    ""
  ].join("\n")
