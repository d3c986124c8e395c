/** Laws about proofs for the engines that share a store, and about claims of one engine. */
import { Effect, Schedule } from "effect"
import type { NonceUse, SharedAbility } from "../../../store/driver.ts"
import { born, day, keyIdOf, life, realm, scheduled, start, told } from "../changes.ts"
import { expect } from "../../expect.ts"
import { inTurn } from "./handles.ts"
import type { Handle, HandlesLaw } from "./handles.ts"
import { disabled } from "./law.ts"

const abilityOf = ({ shared }: Handle): Effect.Effect<SharedAbility> =>
  shared === undefined
    ? Effect.die(new Error("a store with several handles has the ability shared"))
    : Effect.succeed(shared)

const nonceOf = (n: number): NonceUse => ({
  fingerprint: `${String(n).padStart(22, "0")}==`,
  stampMillis: start,
  expiresAt: Number.MAX_SAFE_INTEGER
})

/** The proof of the data that several engines remember. */
const proofLaws = (law: HandlesLaw): void => {
  law("a proof includes everything that any handle acknowledged before the question", (one, two) =>
    Effect.gen(function* () {
      const [asking, other] = [yield* abilityOf(one), yield* abilityOf(two)]
      const birth = born({ n: 1 })
      const rows = [
        { table: "meta", id: ["mark"] },
        { table: "keys", id: [keyIdOf(2)] },
        { table: "aliases", id: [realm.account, realm.region, "alias/orders"] },
        { table: "keys", id: [keyIdOf(1)] }
      ] as const
      const revisions = (ability: SharedAbility) =>
        Effect.map(ability.prove({ rows, nonces: [] }), (answer) => answer.revisions)
      expect(yield* revisions(asking)).toEqual([undefined, undefined, undefined, undefined])
      yield* two.commit(birth.change)
      yield* one.raiseMeta("mark", 7)
      const aliases = [{ aliasName: "alias/orders", from: null, to: keyIdOf(1) }]
      const named = told(birth, { type: "CreateAlias", at: start + 1 }, { aliases })
      const head = yield* two.commit(named.change)
      expect(yield* revisions(asking)).toEqual(["7", undefined, keyIdOf(1), head])
      const next = yield* one.commit(told(named, disabled(start + 2)).change)
      expect(yield* revisions(other)).toEqual(["7", undefined, keyIdOf(1), next])
    })
  )
  law("a proof covers rows of every table", (one, two) =>
    Effect.gen(function* () {
      const { prove } = yield* abilityOf(one)
      const { change } = born({ n: 1 })
      const head = yield* two.commit(change)
      const [version] = change.newVersions
      if (version === undefined) return yield* Effect.die("a key has a version")
      const answer = yield* prove({
        rows: [
          { table: "versions", id: [keyIdOf(1), version.keyVersionId] },
          { table: "keys", id: [keyIdOf(1)] },
          { table: "events", id: [keyIdOf(1), 1] },
          { table: "ram", id: [realm.account, "user", "bob"] }
        ],
        nonces: [nonceOf(1)]
      })
      expect(answer.revisions).toEqual(["filled", head, head, undefined])
      expect(answer.fresh).toEqual([true])
    })
  )
}

/** Claims that only one engine may win: a new signature, a due deadline. */
const claimLaws = (law: HandlesLaw): void => {
  law("a signature is new only once, over both handles and within one question", (one, two) =>
    Effect.gen(function* () {
      const abilities = [yield* abilityOf(one), yield* abilityOf(two)]
      const questions = inTurn(10, (n) => ({
        ability: abilities[n % 2],
        nonces: [nonceOf(1), nonceOf(2), nonceOf(100 + n), nonceOf(100 + n)]
      }))
      const answers = yield* Effect.forEach(
        questions,
        ({ ability, nonces }) =>
          ability === undefined
            ? Effect.succeed([])
            : Effect.map(ability.prove({ rows: [], nonces }), ({ fresh }) => fresh),
        { concurrency: "unbounded" }
      )
      const counts = [0, 1, 2, 3].map((place) => answers.filter((fresh) => fresh[place] === true).length)
      expect(counts).toEqual([1, 1, 10, 0])
    })
  )
  law("one handle claims a due deadline, and another one after the claim ends", (one, two) =>
    Effect.gen(function* () {
      const abilities = [yield* abilityOf(one), yield* abilityOf(two)]
      for (const [n, days] of [8, 7, 9].entries()) {
        for (const { change } of life({ n }, scheduled(start, days))) yield* one.commit(change)
      }
      const until = start + 8 * day
      const claims = yield* Effect.forEach(
        inTurn(6, (n) => abilities[n % 2]),
        (ability) => ability?.claimDue({ until, limit: 9, forMillis: day }) ?? Effect.succeed([]),
        { concurrency: "unbounded" }
      )
      expect(
        claims
          .flat()
          .map(({ keyId }) => keyId)
          .toSorted()
      ).toEqual([keyIdOf(0), keyIdOf(1)])
      expect(yield* two.due({ until, limit: 9 })).toHaveLength(2)
      const [ability] = abilities
      if (ability === undefined) return
      const short = { until: start + 9 * day, limit: 9, forMillis: 1 }
      const third = yield* ability.claimDue(short)
      expect(third.map(({ keyId }) => keyId)).toEqual([keyIdOf(2)])
      const again = Effect.filterOrFail(ability.claimDue(short), (rows) => rows.length > 0)
      yield* Effect.retry(again, { schedule: Schedule.spaced("10 millis") })
    })
  )
}

const nodeOf = (id: string) => ({ id, name: "a", version: "1.2.3", clockOffsetMillis: -7, hsm: "none" })

/** The list of the engines that use a store. */
const nodeLaws = (law: HandlesLaw): void => {
  law("both handles list an engine from its announcement until its withdrawal", (one, two) =>
    Effect.gen(function* () {
      const [{ nodes }, { nodes: others }] = [yield* abilityOf(one), yield* abilityOf(two)]
      const first = yield* nodes.announce(nodeOf("first"))
      yield* others.announce(nodeOf("second"))
      const again = yield* others.announce({ ...nodeOf("first"), clockOffsetMillis: 9 })
      expect(again >= first).toBe(true)
      const { nodes: listed, now } = yield* nodes.list
      expect(now >= again).toBe(true)
      const known = listed.find(({ id }) => id === "first")
      expect(known).toMatchObject({ ...nodeOf("first"), clockOffsetMillis: 9, since: first, seen: again })
      expect(listed.map(({ id }) => id).toSorted()).toEqual(["first", "second"])
      yield* nodes.withdraw("second")
      expect((yield* others.list).nodes.map(({ id }) => id)).toEqual(["first"])
    })
  )
}

export const sharingLaws = (law: HandlesLaw): void => {
  proofLaws(law)
  claimLaws(law)
  nodeLaws(law)
}
