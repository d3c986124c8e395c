/** The shared objects of a run: its nodes, the keys and users of its clients, and its findings. */
import { Effect } from "effect"
import type { Caller } from "../../src/authorization/caller.ts"
import type { Signer } from "../histories/door.ts"
import { realm } from "../histories/nodes.ts"
import { firstStateOf } from "./lifecycle.ts"
import type { KeySort } from "./lifecycle.ts"
import { root } from "./node.ts"
import type { Node } from "./node.ts"
import { bytesFrom } from "./provider.ts"
import { makeRegister } from "./registers.ts"
import type { Register } from "./registers.ts"
import type { Scenario } from "./scenario.ts"
import type { Watcher } from "./watcher.ts"
import type { World } from "./world.ts"

export interface SharedKey {
  readonly name: string
  readonly keyId: string
  readonly sort: KeySort
  readonly state: Register
  /** Ciphertexts that were answered, with their plaintexts as Base64. */
  readonly sealed: Array<{ readonly blob: string; readonly plaintext: string }>
  /** The only material that an external key accepts. */
  readonly material: Uint8Array
}

/** The findings of a run so far. */
export interface Findings {
  /** Bytes that the store must not contain, by name: material, plaintexts, secrets. */
  readonly secrets: Map<string, Uint8Array>
  /** Changes of keys by their request ids: whether each was acknowledged or refused. */
  readonly changes: Map<string, "acknowledged" | "refused">
  readonly violations: Array<string>
  readonly coverage: Map<string, number>
}

/** Counts that give instants of the histories and names to requests. */
export interface Counters {
  tick: number
  requests: number
  calls: number
}

export interface Stage extends Findings {
  readonly world: World
  readonly scenario: Scenario
  readonly nodes: ReadonlyArray<Node>
  readonly counters: Counters
  /** The durable content of the store. */
  readonly durable: Pick<Watcher, "eventsOf" | "statesOf" | "clockTime" | "nextDue" | "ledger">
}

export interface Cast extends Stage {
  /** The keys of the clients now. A run of years replaces deleted ones. */
  readonly keys: Array<SharedKey>
  /** Deleted keys that were replaced. */
  readonly earlier: Array<SharedKey>
  /** The two keys that the alias moves between. No client changes their state. */
  readonly aliasKeys: readonly [string, string]
  readonly alias: Register
  readonly alice: Caller
  readonly policyKey: string
  readonly policy: Register
  readonly bob: Signer
  readonly accessKey: Register
}

export const aliasName = "alias/moving"

export const cover = ({ coverage }: Pick<Findings, "coverage">, name: string): void => {
  coverage.set(name, (coverage.get(name) ?? 0) + 1)
}

export const newRequestId = ({ counters }: Pick<Stage, "counters">): string =>
  `00000000-0000-4000-8000-${String(counters.requests++).padStart(12, "0")}`

/** The text at a path of an answer. */
export const textAt = (reply: unknown, ...path: ReadonlyArray<string>): string => {
  let found: unknown = reply
  for (const name of path) found = typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined
  if (typeof found !== "string") throw new Error(`the answer has no text at ${path.join(".")}`)
  return found
}

const policyDocument = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'

type Parameters = Readonly<Record<string, unknown>>

const first = ({ nodes: [node] }: Stage): Node => {
  if (node === undefined) throw new Error("a run has a node")
  return node
}

/** A call that must be answered: a run begins with it, before anything goes wrong. */
const made = (stage: Stage, operation: string, parameters: Parameters, api?: "ram") =>
  Effect.map(
    first(stage).ask({ operation, parameters, caller: root, requestId: newRequestId(stage), api }),
    ({ code, reply }) => {
      if (reply === undefined) throw new Error(`${operation} was answered with ${code}`)
      return reply
    }
  )

const makeKey = (stage: Stage, parameters: Parameters) =>
  Effect.map(made(stage, "CreateKey", parameters), (reply) => textAt(reply, "KeyMetadata", "KeyId"))

/** Rotation in a run of years is rare, so that most of the run is not rotation. */
const intervals = ["30d", "90d", "180d", "180d", "365d", "365d", "730d", "730d"]

export const intervalDrawn = ({ scenario, world }: Pick<Stage, "scenario" | "world">): string =>
  scenario.years === 0 ? "7d" : world.pick(intervals)

interface Draft {
  readonly sort: KeySort
  readonly parameters: Parameters
}

/** Of many keys, each third one has imported material. */
const externalEach = 3

const draft = (stage: Stage, at: number): Draft => {
  const isExternal = stage.scenario.activities.includes("material") && at % externalEach === 0
  if (isExternal) return { sort: "external", parameters: { Origin: "EXTERNAL" } }
  const rotates = stage.world.random() < 0.5
  const parameters = rotates ? { EnableAutomaticRotation: true, RotationInterval: intervalDrawn(stage) } : {}
  return { sort: "own", parameters }
}

const sharedKey = ({ secrets, world }: Stage, name: string, sort: KeySort, keyId: string): SharedKey => {
  const material = bytesFrom(world.random, 32)
  secrets.set(`the material of ${name}`, material)
  return { name, keyId, sort, state: makeRegister(name, firstStateOf(sort)), sealed: [], material }
}

const makeSharedKey = Effect.fnUntraced(function* (stage: Stage, at: number) {
  const { parameters, sort } = draft(stage, at)
  return sharedKey(stage, `key ${at + 1}`, sort, yield* makeKey(stage, parameters))
})

/** Clients make a new key for each one that was deleted, if a node answers. */
export const renewKeys = Effect.fnUntraced(function* (cast: Cast) {
  const { durable, earlier, keys, nodes, world } = cast
  for (const [at, key] of keys.entries()) {
    const up = nodes.filter((node) => node.isUp())
    if (durable.statesOf(key.keyId).at(-1) !== "Deleted" || up.length === 0) continue
    const { parameters, sort } = draft(cast, at)
    const call = { operation: "CreateKey", parameters, caller: root, requestId: newRequestId(cast) }
    const { reply } = yield* world.pick(up).ask(call)
    if (reply === undefined) continue
    earlier.push(key)
    keys[at] = sharedKey(cast, `key ${at + 1}, ${earlier.length}`, sort, textAt(reply, "KeyMetadata", "KeyId"))
  }
})

const makeUsers = Effect.fnUntraced(function* (stage: Stage) {
  const alice = yield* made(stage, "CreateUser", { UserName: "alice" }, "ram")
  yield* made(stage, "CreatePolicy", { PolicyName: "use", PolicyDocument: policyDocument }, "ram")
  yield* made(stage, "AttachPolicyToUser", { PolicyName: "use", PolicyType: "Custom", UserName: "alice" }, "ram")
  yield* made(stage, "CreateUser", { UserName: "bob" }, "ram")
  const pair = yield* made(stage, "CreateAccessKey", { UserName: "bob" }, "ram")
  const secret = textAt(pair, "AccessKey", "AccessKeySecret")
  stage.secrets.set("the secret of bob", new TextEncoder().encode(secret))
  return {
    alice: { kind: "user", account: realm.account, name: "alice", userId: textAt(alice, "User", "UserId") } as const,
    bob: { accessKeyId: textAt(pair, "AccessKey", "AccessKeyId"), secret }
  }
})

/** Makes everything that clients share. */
export const makeCast = Effect.fnUntraced(function* (stage: Stage) {
  const keys: Array<SharedKey> = []
  for (let at = 0; at < stage.scenario.keys; at++) keys.push(yield* makeSharedKey(stage, at))
  const [first, second, policyKey] = [yield* makeKey(stage, {}), yield* makeKey(stage, {}), yield* makeKey(stage, {})]
  yield* made(stage, "CreateAlias", { AliasName: aliasName, KeyId: first })
  const users = yield* makeUsers(stage)
  const cast: Cast = {
    ...stage,
    ...users,
    keys,
    earlier: [],
    aliasKeys: [first, second],
    alias: makeRegister("the alias", first),
    policyKey,
    policy: makeRegister("the policy", "attached"),
    accessKey: makeRegister("the access key", "Active")
  }
  return cast
})
