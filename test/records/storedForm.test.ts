/** Every value of a key is stored as JSON and read back equal; other values are not committed. */
import { Schema } from "effect"
import { assert, constantFrom, property, tuple } from "fast-check"
import { describe, expect, it } from "vitest"
import { create, freeze, revive } from "../../machines/cmk.ts"
import type { CmkCommand, CmkEvent, StoredSnapshot } from "../../machines/cmk.ts"
import { asymmetricVersionsMax, decide, versionSpacingMillis } from "../../machines/permits.ts"
import { commandTags, eventTypes, lifecycleStates, refusalCodes, rotationStates } from "../../machines/vocabulary.ts"
import { storedCommand, storedEvent, storedPayload, storedSnapshot } from "../../src/records/schemas.ts"
import type { StoredForm } from "../../src/records/schemas.ts"
import { shapeOf } from "../../src/records/shape.ts"
import { births, explorationOf } from "../machines/explore.ts"
import { addVersion, birth, encryptionPair } from "../machines/keys.ts"

const explorations = births.map(([, input]) => explorationOf(input))
const steps = explorations.flatMap((exploration) => exploration.steps)

/** Values that differ as JSON, each once. */
const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values()
]

const snapshots: ReadonlyArray<StoredSnapshot> = distinct(
  explorations.flatMap(({ configurations }) => configurations.map(({ snapshot }) => freeze(snapshot)))
)
const events: ReadonlyArray<CmkEvent> = distinct(steps.map(({ event }) => event))
const commands: ReadonlyArray<CmkCommand> = distinct(
  steps.flatMap(({ verdict }) => (verdict._tag === "Decision" ? verdict.commands : []))
)

const roundTrip = <A>(form: StoredForm<A>, value: A): A => {
  form.assertStorable("a value", value)
  return form.decode("a value", JSON.stringify(value))
}

const isStorable = <A>(form: StoredForm<A>, value: A): boolean => {
  try {
    form.assertStorable("a value", value)
    return true
  } catch {
    return false
  }
}

/** A key pair with the maximum number of versions. */
const crowded = () => {
  const stored = freeze(create(encryptionPair).next)
  return revive({ ...stored, context: { ...stored.context, versionCount: asymmetricVersionsMax } })
}

describe("the exploration", () => {
  it("the exploration reaches every state, event, command and refusal code of the lists", () => {
    const verdicts = [
      ...steps.map(({ verdict }) => verdict),
      decide(crowded(), addVersion(birth + versionSpacingMillis))
    ]
    const codes = new Set(verdicts.flatMap((verdict) => (verdict._tag === "Refusal" ? [verdict.code] : [])))
    expect(new Set(snapshots.map(({ value }) => value.lifecycle))).toEqual(new Set(lifecycleStates))
    expect(new Set(snapshots.map(({ value }) => value.rotation))).toEqual(new Set(rotationStates))
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(eventTypes))
    expect(new Set(commands.map(({ _tag }) => _tag))).toEqual(new Set(commandTags))
    expect(codes).toEqual(new Set(refusalCodes))
  })
})

describe("the stored form", () => {
  it("the stored form reads back every reachable configuration", () => {
    for (const snapshot of snapshots) expect(roundTrip(storedSnapshot, snapshot)).toEqual(snapshot)
  })

  it("the stored form reads back every event, alone and as an entry of the journal", () => {
    for (const event of events) {
      expect(roundTrip(storedEvent, event)).toEqual(event)
      expect(roundTrip(storedPayload, { type: "Event", event })).toEqual({ type: "Event", event })
    }
  })

  it("the stored form reads back every command", () => {
    for (const command of commands) expect(roundTrip(storedCommand, command)).toEqual(command)
  })
})

/** Values that a fault of the machine could write to a row. */
const strays = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  "",
  "Frozen",
  "Enabled",
  true,
  [],
  {}
] as const

type Fault = (record: Record<string, unknown>, name: string, stray: unknown) => void
const faults: ReadonlyArray<Fault> = [
  (record, name, stray) => {
    record[name] = stray
  },
  (record, name) => {
    delete record[name]
  },
  (record, name, stray) => {
    record[`${name}2`] = stray
  }
]

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** Every record in a value, itself included. */
const recordsIn = (value: unknown): ReadonlyArray<Record<string, unknown>> =>
  isRecord(value) ? [value, ...Object.values(value).flatMap(recordsIn)] : []

const damaged = <A>(value: A, place: number, fault: Fault, stray: unknown): A => {
  const copy = structuredClone(value)
  const places = recordsIn(copy).flatMap((record) => Object.keys(record).map((name) => [record, name] as const))
  const found = places[place % places.length]
  if (found !== undefined) fault(found[0], found[1], stray)
  return copy
}

/** Whether JSON keeps all members of a value. */
const isReadBack = <A>(form: StoredForm<A>, value: A): boolean => {
  try {
    expect(form.decode("a value", JSON.stringify(value))).toEqual(value)
    return true
  } catch {
    return false
  }
}

describe("damaged values", () => {
  const places = constantFrom(...Array.from({ length: 40 }, (_, place) => place))
  const damage = tuple(places, constantFrom(...faults), constantFrom(...strays))
  const check = <A>(form: StoredForm<A>, values: ReadonlyArray<A>): void =>
    assert(
      property(constantFrom(...values), damage, (value, [place, fault, stray]) => {
        const wrong = damaged(value, place, fault, stray)
        expect(isStorable(form, wrong)).toBe(isReadBack(form, wrong))
      }),
      { numRuns: 2000 }
    )

  it("a damaged snapshot is committed exactly if readable", () => check(storedSnapshot, snapshots))
  it("a damaged event is committed exactly if readable", () => check(storedEvent, events))
  it("a damaged command is committed exactly if readable", () => check(storedCommand, commands))

  it("refuses a snapshot with a state that no list has", () => {
    const [snapshot] = snapshots
    expect(() =>
      storedSnapshot.assertStorable("the snapshot", { ...snapshot, value: { lifecycle: "Frozen" } } as never)
    ).toThrow("the snapshot cannot be stored: it would not decode")
  })
})

describe("the predicate of a schema", () => {
  it("the predicate of a schema agrees with Schema.is", () => {
    const schema = Schema.Struct({
      id: Schema.String.check(Schema.isPattern(/^[a-z]+$/), Schema.isMaxLength(3)),
      count: Schema.Finite,
      flag: Schema.NullOr(Schema.Boolean),
      list: Schema.Array(Schema.Literals(["a", "b"])),
      tags: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
    })
    const value = { id: "abc", count: 1, flag: null, list: ["a"], tags: { x: "y" } }
    const has = shapeOf(schema.ast)
    const is = Schema.is(schema)
    expect(has(value)).toBe(true)
    for (const id of ["", "abcd", "A", 5]) expect(has({ ...value, id })).toBe(is({ ...value, id }))
    for (const count of [Number.NaN, "1", null]) expect(has({ ...value, count })).toBe(is({ ...value, count }))
    for (const list of [[], ["c"], "a", { 0: "a" }]) expect(has({ ...value, list })).toBe(is({ ...value, list }))
    for (const tags of [{}, { x: 1 }, null]) expect(has({ ...value, tags })).toBe(is({ ...value, tags }))
  })

  it("refuses to build a predicate for a schema that transforms", () => {
    expect(() => shapeOf(Schema.FiniteFromString.ast)).toThrow("transformation")
  })
})
