/** The part of all states, cells and transitions that a run reached. */
import { create, freeze, revive } from "../../../machines/cmk.ts"
import type { CmkSnapshot } from "../../../machines/cmk.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import { rules } from "../../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../../machines/permits.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { transitionsOf } from "../explore/configurations.ts"
import { codeIn, operationIn } from "../dialects/inDialect.ts"
import { kindOf } from "../model/kinds.ts"
import type { ModelKey } from "../model/model.ts"
import { gateOf } from "../predict/prediction.ts"
import type { Cell, Coverage, Reached } from "./report.ts"
import { cellName } from "../run/tally.ts"
import type { SeenCell, Tally } from "../run/tally.ts"
import type { Settings } from "../run/settings.ts"
import { stateOrder } from "./stateOrder.ts"

const families: Readonly<Record<KeyKind, string>> = {
  symmetric: "symmetric",
  external: "external",
  asymmetric: "EC_P256"
}

interface Reach {
  readonly has: ReadonlySet<OperationName>
  readonly hasClock: boolean
}

/** The states that a key can reach with these operations. */
const statesOf = (kind: KeyKind, { has, hasClock }: Reach): ReadonlyArray<LifecycleState> => {
  const isReachable: Record<LifecycleState, boolean> = {
    PendingImport: kind === "external",
    Enabled: kind !== "external" || has.has("ImportKeyMaterial"),
    Disabled: has.has("DisableKey"),
    PendingDeletion: has.has("ScheduleKeyDeletion"),
    Deleted: has.has("ScheduleKeyDeletion") && hasClock
  }
  return stateOrder.filter((state) => isReachable[state])
}

/** Operations without a key, or with the key of a ciphertext, which an asymmetric key cannot have made. */
const keyless: ReadonlySet<string> = new Set(["CreateKey", "ListKeys", "ListAliases"])
const namedByCiphertext: ReadonlySet<string> = new Set(["Decrypt", "ExportDataKey", "ReEncrypt"])

export const specimen = (kind: KeyKind, lifecycle: LifecycleState): ModelKey => {
  const name = families[kind]
  const { next } = create({
    ...kindOf(name).identity,
    newestVersionId: "v",
    newestVersionAt: 0,
    rotationIntervalMillis: null
  })
  const stored = freeze(next)
  const snapshot: CmkSnapshot = revive({ ...stored, value: { ...stored.value, lifecycle } })
  return {
    label: "k",
    kind: name,
    snapshot,
    createdAt: 0,
    versions: [],
    description: "",
    tags: {},
    because: "KMS-LC-014"
  }
}

const gateName = (operation: OperationName): KeyOperation | undefined =>
  operation === "ReEncrypt"
    ? "ReEncrypt(source)"
    : Object.keys(rules).find((name): name is KeyOperation => name === operation)

const expectation = (operation: OperationName, kind: KeyKind, state: LifecycleState, { dialect }: Settings): string => {
  // A deleted alias is not found. A ciphertext of a deleted key is refused like any use of the key.
  const gate = gateName(operation)
  if (gate === undefined) return "Success"
  const { refused, open } = gateOf(gate, specimen(kind, state), dialect)
  if (open === true) return "unspecified"
  if (refused === undefined) return "Success"
  const [code] = refused.codes
  return code === undefined ? "refused" : codeIn(dialect, code)
}

/** Cells that the model can test. */
const isCell = (operation: OperationName, kind: KeyKind, state: LifecycleState): boolean => {
  if (keyless.has(operation)) return false
  if (kind === "asymmetric" && namedByCiphertext.has(operation)) return false
  // The alias was deleted with its key, so its key is unknown.
  if (state === "Deleted" && operation === "DeleteAlias") return false
  // A key without material cannot have made a ciphertext.
  return true
}

const statusOf = (seen: SeenCell | undefined, expected: string): Cell["status"] => {
  if (seen === undefined) return "unreached"
  if (seen.wrong > 0) return "wrong"
  return expected === "unspecified" ? "unspecified" : "right"
}

const cellsOf = (tally: Tally, settings: Settings, reach: Reach): ReadonlyArray<Cell> =>
  kindsIn(settings).flatMap((kind) =>
    statesOf(kind, reach).flatMap((state) =>
      [...reach.has]
        .filter((operation) => isCell(operation, kind, state))
        .map((operation): Cell => {
          const seen = tally.cells.get(cellName(operation, kind, state))
          const expected = expectation(operation, kind, state, settings)
          const answers = [...(seen?.answers ?? [])].sort((a, b) => b[1] - a[1]).map(([answer]) => answer)
          const called = operationIn(settings.dialect, operation)
          return {
            operation,
            ...(called === operation ? {} : { called }),
            kind,
            state,
            status: statusOf(seen, expected),
            calls: seen?.calls ?? 0,
            expected,
            seen: answers
          }
        })
    )
  )

const kindsIn = ({ profiles }: Settings): ReadonlyArray<KeyKind> => [
  "symmetric",
  ...(profiles.includes("import") ? (["external"] as const) : []),
  ...(profiles.includes("asymmetric") ? (["asymmetric"] as const) : [])
]

const reached = (cells: ReadonlyArray<Cell>): Reached => ({
  reached: cells.filter(({ calls }) => calls > 0).length,
  of: cells.length
})

/** Every pair of consecutive transitions. */
const pairsOf = (transitions: ReadonlySet<string>): ReadonlyArray<string> => {
  const parts = [...transitions].map((name) => {
    const [kind = "", move = ""] = name.split("|")
    const [from = "", , to = ""] = move.split(" ")
    return { kind, move, from, to }
  })
  return parts.flatMap((first) =>
    parts
      .filter(({ kind, from }) => kind === first.kind && from === first.to && from !== "")
      .map(({ move }) => `${first.kind}|${first.move} > ${move}`)
  )
}

export const coverageOf = (tally: Tally, settings: Settings, given: Reach & { readonly laws: Reached }): Coverage => {
  const { has, hasClock } = given
  const cells = cellsOf(tally, settings, given)
  const states = kindsIn(settings).flatMap((kind) => statesOf(kind, given).map((state) => `${kind}|${state}`))
  const transitions = transitionsOf(
    kindsIn(settings).map((kind) => families[kind]),
    settings.dialect,
    { has, hasClock }
  )
  const pairs = pairsOf(transitions)
  return {
    states: { reached: states.filter((name) => tally.states.has(name)).length, of: states.length },
    stateByOperation: reached(cells),
    legal: reached(cells.filter(({ expected }) => expected === "Success")),
    illegal: reached(cells.filter(({ expected }) => expected !== "Success" && expected !== "unspecified")),
    transitions: {
      reached: [...transitions].filter((name) => tally.transitions.has(name)).length,
      of: transitions.size
    },
    transitionPairs: { reached: pairs.filter((name) => tally.pairs.has(name)).length, of: pairs.length },
    laws: given.laws,
    cells,
    situations: [...tally.situations.values()].sort((one, other) => one.law.localeCompare(other.law))
  }
}
