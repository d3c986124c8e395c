/** One round: clients ask several nodes at once, and what each register answered becomes a history. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { isLinearizable } from "../../src/conformance/histories/linearizable.ts"
import type { Operation } from "../../src/conformance/histories/linearizable.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import type { Finding } from "../../src/verification/verify.ts"
import { openNode, realm } from "./nodes.ts"
import type { Node } from "./nodes.ts"
import { accessKey, alias, keyState, policy } from "./registers.ts"
import type { Register } from "./registers.ts"
import { numbersFrom } from "./weather.ts"
import type { Fault, Weather } from "./weather.ts"

export interface Round {
  readonly seed: number
  readonly nodes: number
  readonly fault: Fault
  /** Whether the nodes ask for proof. Without it they are the control: many of their histories are wrong. */
  readonly isProven: boolean
  readonly operationsPerRegister: number
  readonly clients: number
}

export interface History {
  readonly register: string
  readonly first: string
  readonly operations: ReadonlyArray<Operation<string>>
}

const policyDocument = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'

/** What the registers are about, made on the first node. */
const furnish = Effect.fnUntraced(function* ({ kms }: Node) {
  const makeKey = Effect.map(kms.createKey(), ({ KeyMetadata }) => KeyMetadata.KeyId)
  const [one, two, three, four, five] = [yield* makeKey, yield* makeKey, yield* makeKey, yield* makeKey, yield* makeKey]
  const blobOf = (keyId: string) =>
    Effect.map(kms.encrypt({ KeyId: keyId, Plaintext: "eA==" }), ({ CiphertextBlob }) => CiphertextBlob)
  yield* kms.createAlias({ AliasName: "alias/moving", KeyId: three })
  const { User } = yield* kms.ram.createUser({ UserName: "alice" })
  yield* kms.ram.createPolicy({ PolicyName: "use", PolicyDocument: policyDocument })
  yield* kms.ram.attachPolicyToUser({ PolicyName: "use", PolicyType: "Custom", UserName: "alice" })
  yield* kms.ram.createUser({ UserName: "bob" })
  const { AccessKey } = yield* kms.ram.createAccessKey({ UserName: "bob" })
  const caller = { kind: "user", account: realm.account, name: "alice", userId: User.UserId } as const
  const registers: readonly [Register, ...ReadonlyArray<Register>] = [
    keyState("key 1", one, yield* blobOf(one)),
    keyState("key 2", two, yield* blobOf(two)),
    alias("alias/moving", [three, four]),
    policy(caller, five),
    accessKey("bob", { accessKeyId: AccessKey.AccessKeyId, secret: AccessKey.AccessKeySecret })
  ]
  return registers
})

/** A counter that every beginning and every end of an operation raises: the clock of the histories. */
interface Course {
  readonly nodes: ReadonlyArray<Node>
  readonly random: () => number
  readonly records: Map<Register, Array<Operation<string>>>
  readonly operationsMax: number
  tick: number
}

const never = Number.POSITIVE_INFINITY

const operateOnce = Effect.fnUntraced(function* (course: Course, register: Register) {
  const { nodes, random, records } = course
  const attempt = register.draw(random)
  const node = nodes[Math.floor(random() * nodes.length)]
  if (node === undefined) throw new Error("there are nodes")
  const began = course.tick++
  const told = yield* attempt.run(node)
  const ended = course.tick++
  if (told === undefined) return
  const says = `${attempt.says} on ${node.name}`
  if (told !== "unknown") records.get(register)?.push({ began, ended, says, ...told })
  else if (attempt.wanted !== undefined) {
    records.get(register)?.push({ began, ended: never, says: `${says}?`, leaves: { state: attempt.wanted } })
  }
})

const client = (course: Course): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const open = [...course.records].filter(([, { length }]) => length < course.operationsMax)
      const chosen = open[Math.floor(course.random() * open.length)]
      if (chosen === undefined) return
      yield* operateOnce(course, chosen[0])
    }
  })

const someYields = (random: () => number, most: number) =>
  Effect.forEach(Array.from({ length: Math.floor(random() * most) }), () => Effect.yieldNow, { discard: true })

const clearUp = ({ goOn, setAway, setLost }: Weather) =>
  Effect.andThen(
    Effect.sync(() => {
      setAway(false)
      setLost(0)
    }),
    goOn
  )

/** Breaks one node after another, until it is interrupted. */
const trouble = ({ nodes, random }: Course, fault: Fault): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (fault === "none") return
    for (;;) {
      const node = nodes[Math.floor(random() * nodes.length)]
      if (node === undefined) return
      const { pause, setAway, setLost } = node.weather
      if (fault === "pause") yield* pause
      if (fault === "away") setAway(true)
      if (fault === "lost") setLost(0.3)
      yield* someYields(random, 400)
      yield* clearUp(node.weather)
      yield* someYields(random, 400)
    }
  })

export interface Played {
  /** One for each register. */
  readonly histories: ReadonlyArray<History>
  /** What is wrong with the store afterwards. */
  readonly findings: ReadonlyArray<Finding>
}

/** Makes an empty store, and answers how an engine opens a handle of its own on it. */
export type MakeStore = Effect.Effect<Effect.Effect<StoreDriver, unknown, Scope.Scope>, unknown, Scope.Scope>

/** One memory, which all engines share. */
const inMemory: MakeStore = Effect.map(sharedMemoryDriver, (driver) => Effect.succeed(driver))

export const playRound = (round: Round, makeStore = inMemory): Effect.Effect<Played, unknown> =>
  Effect.gen(function* () {
    const random = numbersFrom(round.seed)
    const openHandle = yield* makeStore
    const opening = { random, isProven: round.isProven }
    const first = yield* openNode(yield* openHandle, "A", opening)
    const registers = yield* furnish(first)
    const nodes = [first]
    for (const name of ["B", "C"].slice(0, round.nodes - 1)) {
      nodes.push(yield* openNode(yield* openHandle, name, opening))
    }
    const records = new Map(registers.map((register) => [register, new Array<Operation<string>>()]))
    const course: Course = { nodes, random, records, operationsMax: round.operationsPerRegister, tick: 0 }
    const clients = Effect.all(
      Array.from({ length: round.clients }, () => client(course)),
      { concurrency: "unbounded", discard: true }
    )
    yield* Effect.raceFirst(clients, Effect.andThen(trouble(course, round.fault), Effect.never))
    for (const { weather } of nodes) yield* clearUp(weather)
    const histories = [...records].map(([register, operations]) => ({
      register: register.name,
      first: register.first,
      operations
    }))
    return { histories, findings: yield* first.findings }
  }).pipe(Effect.scoped)

export const isSound = ({ operations, first }: History): boolean => isLinearizable(operations, first)

/** The operations of a history in the order in which they began. */
export const historyText = ({ register, first, operations }: History): string =>
  [
    `${register}, at first ${first}`,
    ...operations
      .toSorted((left, right) => left.began - right.began)
      .map(({ began, ended, says, leaves, when }) => {
        const answer = leaves === undefined ? "reads" : `leaves ${leaves.state}`
        const states = ["Enabled", "Disabled", "attached", "detached", "Active", "Inactive", first, "none"]
        const seen = when === undefined ? "" : ` if ${[...new Set(states)].filter((state) => when(state)).join(" or ")}`
        return `  ${began} to ${ended}: ${says} ${answer}${seen}`
      })
  ].join("\n")
