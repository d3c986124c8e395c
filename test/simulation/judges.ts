/** The checks at the end of a run: histories, journals, secrets, and the store itself. */
import { Context, Effect, Layer } from "effect"
import { isLinearizable } from "../../src/conformance/histories/linearizable.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { Store } from "../../src/store/store.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import { lastReads, openOldest, readKey } from "./actions.ts"
import type { Cast } from "./cast.ts"
import { act } from "./clients.ts"
import { isUnknown } from "./registers.ts"
import type { Register } from "./registers.ts"
import type { Watcher } from "./watcher.ts"

/** After the faults have stopped, due work is done within this time, milliseconds. */
export const settleMillis = 120_000

const historyOf = ({ name, first, operations }: Register): string =>
  [
    `${name}, at first ${first}:`,
    ...operations
      .toSorted((left, right) => left.began - right.began)
      .map(({ began, ended, says }) => `  ${began} to ${ended}: ${says}`)
  ].join("\n")

const registersOf = ({ keys, earlier, alias, policy, accessKey }: Cast): ReadonlyArray<Register> => [
  ...[...keys, ...earlier].map(({ state }) => state),
  alias,
  policy,
  accessKey
]

export const judgeHistories = (cast: Cast): void => {
  for (const register of registersOf(cast)) {
    if (!isLinearizable(register.operations, register.first)) {
      cast.violations.push(`the history is not linearizable: ${historyOf(register)}`)
    }
  }
}

/** An acknowledged change of a key has one event and one line in the audit log. A refused one has no event. */
export const judgeJournals = (cast: Cast, { eventsOf, linesOf }: Watcher): void => {
  for (const [requestId, outcome] of cast.changes) {
    const wanted = outcome === "acknowledged" ? 1 : 0
    const [events, lines] = [eventsOf(requestId), linesOf(requestId)]
    if (events !== wanted) cast.violations.push(`the ${outcome} change ${requestId} has ${events} events`)
    if (wanted === 1 && lines !== 1)
      cast.violations.push(`the acknowledged change ${requestId} has ${lines} audit lines`)
  }
}

export const judgeSecrets = (cast: Cast, { written }: Watcher): void => {
  const texts = [written(), cast.world.trace.join("\n")]
  for (const [name, bytes] of cast.secrets) {
    const buffer = Buffer.from(bytes)
    const forms = [buffer.toString("hex"), buffer.toString("base64"), buffer.toString("latin1")]
    if (forms.some((form) => texts.some((text) => text.includes(form)))) {
      cast.violations.push(`${name} was written in plaintext`)
    }
  }
}

/** The store verifies, owes no work, and has performed the deadlines until a time. */
export const judgeStore = Effect.fnUntraced(function* (cast: Cast, shared: StoreDriver, doneUntil: number) {
  const built = yield* Layer.build(storeLayer.pipe(Layer.provide(Layer.succeed(Driver, shared))))
  const store = Context.get(built, Store)
  const { findings } = yield* Effect.provide(verifyStore(), built)
  for (const { keyId, finding } of findings) cast.violations.push(`verify finds: ${keyId ?? "the store"}: ${finding}`)
  for (const { keyId } of yield* Effect.orDie(store.owed)) cast.violations.push(`key ${keyId} still owes work`)
  const due = yield* Effect.orDie(store.due({ until: doneUntil, limit: 100 }))
  for (const { keyId, kind } of due) cast.violations.push(`${kind} of key ${keyId} was not performed`)
  for (const { keyId, kind, dueAt } of cast.durable.ledger.owedAt(doneUntil)) {
    cast.violations.push(`the journal of key ${keyId} owes ${kind} for ${Math.floor(doneUntil - dueAt)} ms`)
  }
}, Effect.scoped)

/** Every register is read once more on every node. Nothing goes wrong any longer, so each node must know the answer. */
export const readAll = Effect.fnUntraced(function* (cast: Cast) {
  for (const node of cast.nodes) {
    const oldest = cast.keys.flatMap((key) => openOldest(key) ?? [])
    for (const action of [...cast.keys.map(readKey), ...oldest, ...lastReads.flatMap((draw) => draw(cast) ?? [])]) {
      const code = yield* act(cast, node, action)
      if (code === "down" || isUnknown(code)) {
        cast.violations.push(`${action.says} was answered with ${code} by ${node.name} after all faults had ended`)
      }
    }
  }
})
