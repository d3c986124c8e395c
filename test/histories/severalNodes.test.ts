/** Several engines over one store: an answer of one binds all, and nothing happens twice. */
import { Clock, Effect, Exit, Fiber, Logger, Redacted, Scope } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { importFailuresMax } from "../../machines/importSession.ts"
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import type { MakeProvider } from "../../src/main.ts"
import type { AnyKmsError } from "../../src/domain/errors.ts"
import { KeyId } from "../../src/domain/ids.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import type { DueRow } from "../../src/records/rows.ts"
import { clockPositionName } from "../../src/records/metaNames.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { makeStore } from "../../src/store/makeStore.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { codeOf, openNode, realm, rootAccessKey, send, signed, startAt } from "./nodes.ts"
import type { Node, Opening } from "./nodes.ts"
import { machineAt } from "../timers/machine.ts"
import { numbersFrom } from "./weather.ts"

const day = 86_400_000
const scopes: Array<Scope.Closeable> = []
afterEach(async () => {
  for (const scope of scopes.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
})

const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.provide(Logger.layer([]))))

const open = (shared: StoreDriver, name: string, seed = 1, more: Partial<Opening> = {}): Promise<Node> => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  return run(openNode(shared, name, { random: numbersFrom(seed), isProven: true, ...more }).pipe(Scope.provide(scope)))
}

const two = async () => {
  const shared = await run(sharedMemoryDriver)
  return { shared, a: await open(shared, "A"), b: await open(shared, "B", 2) }
}

const newKey = async ({ kms }: Node, parameters = {}): Promise<string> =>
  (await run(kms.createKey(parameters))).KeyMetadata.KeyId

const code = (call: Effect.Effect<unknown, AnyKmsError>): Promise<string> =>
  run(Effect.match(call, { onFailure: (error): string => error.code, onSuccess: () => "Success" }))

const encrypt = ({ kms }: Node, keyId: string) => kms.encrypt({ KeyId: keyId, Plaintext: "eA==" })
const root = { accessKeyId: rootAccessKey.accessKeyId, secret: Redacted.value(rootAccessKey.secret) }

const everything = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

/** A user with an access key and a policy that allows everything, and a call as that user. */
const someone = async ({ kms }: Node) => {
  const { User } = await run(kms.ram.createUser({ UserName: "alice" }))
  await run(kms.ram.createPolicy({ PolicyName: "all", PolicyDocument: everything }))
  const attachment = { PolicyName: "all", PolicyType: "Custom", UserName: "alice" } as const
  await run(kms.ram.attachPolicyToUser(attachment))
  const { AccessKey } = await run(kms.ram.createAccessKey({ UserName: "alice" }))
  const caller = { kind: "user", account: realm.account, name: "alice", userId: User.UserId } as const
  const ask = ({ dispatch }: Node, operation: string, parameters: object) =>
    dispatch.ask({ operation, source: fromObject(parameters), caller, realm, requestId: crypto.randomUUID() })
  const signer = { accessKeyId: AccessKey.AccessKeyId, secret: AccessKey.AccessKeySecret }
  return { attachment, ask, signer }
}

const whoAmI = { Action: "GetCallerIdentity", Version: "2015-04-01" }

describe("a signed request", () => {
  it("a signed request is judged by the store's clock as soon as that clock is set", async () => {
    const storeMachine = machineAt(Date.now())
    const shared = await run(Effect.provideService(sharedMemoryDriver, Clock.Clock, storeMachine.clock))
    const a = await open(shared, "A")
    const ask = async (at: number): Promise<string> => codeOf(await run(send(a, signed(root, whoAmI, undefined, at))))
    expect(await ask(storeMachine.wall())).toBe("Success")
    for (const by of [day, -2 * day]) {
      storeMachine.set(by)
      expect(await ask(storeMachine.wall())).toBe("Success")
      expect(await ask(storeMachine.wall() - by)).toBe("InvalidTimeStamp.Expired")
    }
  })
})

describe("changes that one node answered", () => {
  it("after a node changed a key's state, the other node obeys for every kind of use", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    const other = await newKey(a)
    const { CiphertextBlob } = await run(encrypt(b, keyId))
    const foreign = (await run(encrypt(b, other))).CiphertextBlob
    await run(b.kms.describeKey({ KeyId: other }))
    await run(a.kms.disableKey({ KeyId: keyId }))
    const uses = {
      Encrypt: encrypt(b, keyId),
      Decrypt: b.kms.decrypt({ CiphertextBlob }),
      GenerateDataKey: b.kms.generateDataKey({ KeyId: keyId }),
      "ReEncrypt from it": b.kms.reEncrypt({ CiphertextBlob, DestinationKeyId: other }),
      "ReEncrypt to it": b.kms.reEncrypt({ CiphertextBlob: foreign, DestinationKeyId: keyId })
    }
    for (const [name, use] of Object.entries(uses)) expect([name, await code(use)]).toEqual([name, "Rejected.Disabled"])
    const explained = await run(b.kms.explain(keyId))
    expect(explained.lifecycle).toBe("Disabled")
    await run(a.kms.enableKey({ KeyId: keyId }))
    for (const [name, use] of Object.entries(uses)) expect([name, await code(use)]).toEqual([name, "Success"])
  })

  it("after a node moved an alias, the other node uses the new key", async () => {
    const { a, b } = await two()
    const [one, other] = [await newKey(a), await newKey(a)]
    await run(a.kms.createAlias({ AliasName: "alias/x", KeyId: one }))
    expect((await run(encrypt(b, "alias/x"))).KeyId).toBe(one)
    await run(a.kms.updateAlias({ AliasName: "alias/x", KeyId: other }))
    expect((await run(encrypt(b, "alias/x"))).KeyId).toBe(other)
    await run(b.kms.deleteAlias({ AliasName: "alias/x" }))
    expect(await code(encrypt(a, "alias/x"))).toBe("Forbidden.AliasNotFound")
    expect((await run(a.kms.listAliases())).TotalCount).toBe(0)
  })

  it("after a node changed access control, the other node decides by the new policies", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    const { ask, attachment, signer } = await someone(a)
    const asB = () => code(ask(b, "Encrypt", { KeyId: keyId, Plaintext: "eA==" }))
    const signedToB = async () => codeOf(await run(send(b, signed(signer, whoAmI))))
    expect([await asB(), await signedToB()]).toEqual(["Success", "Success"])
    await run(a.kms.ram.detachPolicyFromUser(attachment))
    expect(await asB()).toBe("Forbidden.NoPermission")
    await run(a.kms.ram.attachPolicyToUser(attachment))
    expect(await asB()).toBe("Success")
    const key = { UserName: "alice", UserAccessKeyId: signer.accessKeyId }
    await run(a.kms.ram.updateAccessKey({ ...key, Status: "Inactive" }))
    expect(await signedToB()).toBe("InvalidAccessKeyId.Inactive")
    await run(a.kms.ram.updateAccessKey({ ...key, Status: "Active" }))
    expect(await signedToB()).toBe("Success")
    await run(a.kms.ram.deleteAccessKey(key))
    expect(await signedToB()).toBe("InvalidAccessKeyId.NotFound")
    await run(a.kms.ram.detachPolicyFromUser(attachment))
    await run(a.kms.ram.deleteUser({ UserName: "alice" }))
    expect(await asB()).toBe("Forbidden.NoPermission")
  })

  it("after a node changed a key policy, the other node decides by the new policy", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    const { ask } = await someone(a)
    const asB = () => code(ask(b, "Encrypt", { KeyId: keyId, Plaintext: "eA==" }))
    expect(await asB()).toBe("Success")
    const statement = {
      Effect: "Deny",
      Principal: { RAM: [`acs:ram::${realm.account}:user/alice`] },
      Action: ["kms:Encrypt"],
      Resource: ["*"]
    }
    const owner = {
      Effect: "Allow",
      Principal: { RAM: [`acs:ram::${realm.account}:*`] },
      Action: ["kms:*"],
      Resource: ["*"]
    }
    const Policy = JSON.stringify({ Version: "1", Statement: [owner, statement] })
    await run(a.kms.setKeyPolicy({ KeyId: keyId, PolicyName: "default", Policy }))
    expect(await asB()).toBe("Forbidden.NoPermission")
  })

  it("after a node moved the virtual clock, the other node has the same time", async () => {
    const { a, b } = await two()
    await run(a.kms.advanceClock({ By: "8d" }))
    expect((await run(b.kms.showClock())).Now).toBe("2026-01-09T00:00:00Z")
    const keyId = await newKey(b)
    const { KeyMetadata } = await run(b.kms.describeKey({ KeyId: keyId }))
    expect(KeyMetadata.CreationDate).toBe("2026-01-09T00:00:00Z")
  })

  it("a node knows keys, users and access keys of the other node at once", async () => {
    const { a, b } = await two()
    const missing = "11111111-1111-4111-8111-111111111111"
    expect(await code(b.kms.describeKey({ KeyId: missing }))).toBe("Forbidden.KeyNotFound")
    const keyId = await newKey(a)
    expect(await code(encrypt(b, keyId))).toBe("Success")
    const { signer } = await someone(a)
    expect(codeOf(await run(send(b, signed(signer, whoAmI))))).toBe("Success")
    expect((await run(b.kms.ram.listUsers())).Users.User.map(({ UserName }) => UserName)).toEqual(["alice"])
  })
})

describe("a paused node", () => {
  it("a paused node that continues delivers no use of a key that was disabled in between", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    await run(encrypt(b, keyId))
    await run(b.weather.pause)
    const late = Effect.runFork(encrypt(b, keyId))
    await run(a.kms.disableKey({ KeyId: keyId }))
    await run(b.weather.goOn)
    expect(await code(Fiber.join(late))).toBe("Rejected.Disabled")
  })

  it("a paused node does not change a key by outdated state", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    await run(b.kms.describeKey({ KeyId: keyId }))
    await run(b.weather.pause)
    const late = Effect.runFork(b.kms.disableKey({ KeyId: keyId }))
    await run(a.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    await run(b.weather.goOn)
    expect(await code(Fiber.join(late))).toBe("Rejected.StateModifiedFailed")
  })
})

describe("simultaneous changes on two nodes", () => {
  it("simultaneous changes of access control on two nodes are all kept, in one journal without a gap", async () => {
    const { a, b } = await two()
    const names = Array.from({ length: 40 }, (_, n) => `user-${n}`)
    const made = names.map((UserName, n) => (n % 2 === 0 ? a : b).kms.ram.createUser({ UserName }))
    await run(Effect.all(made, { concurrency: "unbounded" }))
    const { Users } = await run(a.kms.ram.listUsers({ MaxItems: 100 }))
    expect(Users.User.map(({ UserName }) => UserName).toSorted()).toEqual(names.toSorted())
    expect(await run(a.store.ramVersion)).toBe(40)
    expect(await run(a.findings)).toEqual([])
  })

  it("simultaneous moves of an alias leave the alias bound as the last answer says, and never missing", async () => {
    const { a, b } = await two()
    const keys = [await newKey(a), await newKey(a), await newKey(a)] as const
    await run(a.kms.createAlias({ AliasName: "alias/x", KeyId: keys[0] }))
    const moves = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? a : b).kms.updateAlias({ AliasName: "alias/x", KeyId: keys[n % 3] ?? keys[0] })
    )
    await run(Effect.all(moves, { concurrency: "unbounded" }))
    expect(await run(a.findings)).toEqual([])
  })

  it("simultaneous CreateAlias calls on two nodes create one alias", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        code((n % 2 === 0 ? a : b).kms.createAlias({ AliasName: "alias/x", KeyId: keyId }))
      )
    )
    expect(codes.toSorted()).toEqual([...Array.from({ length: 9 }, () => "AliasAlreadyExists"), "Success"])
  })
})

describe("an import token", () => {
  it("all nodes together try an import token wrongly no more often than its limit", async () => {
    let unwraps = 0
    const crypto: MakeProvider = (given) => {
      const provider = makeNativeProvider(given)
      return {
        ...provider,
        importMaterial: (request) =>
          Effect.suspend(() => {
            unwraps++
            return Effect.andThen(Effect.yieldNow, provider.importMaterial(request))
          })
      }
    }
    const shared = await run(sharedMemoryDriver)
    const [a, b] = [await open(shared, "A", 1, { crypto }), await open(shared, "B", 2, { crypto })]
    const keyId = await newKey(a, { Origin: "EXTERNAL" })
    const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const
    const { ImportToken } = await run(a.kms.getParametersForImport({ KeyId: keyId, ...wrapping }))
    const EncryptedKeyMaterial = Buffer.alloc(256, 1).toString("base64")
    const codes = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        code((n % 2 === 0 ? a : b).kms.importKeyMaterial({ KeyId: keyId, ImportToken, EncryptedKeyMaterial }))
      )
    )
    expect(new Set(codes)).toEqual(new Set(["InvalidKeyMaterial"]))
    expect(unwraps).toBe(importFailuresMax)
  })
})

describe("a signed request", () => {
  it("a signed request that is sent to several nodes at the same time is accepted once", async () => {
    const { a, b } = await two()
    const requests = Array.from({ length: 50 }, () => signed(root, whoAmI))
    const answers = await run(
      Effect.forEach(requests, (request) => Effect.all([send(a, request), send(b, request)], { concurrency: 2 }), {
        concurrency: 16
      })
    )
    for (const pair of answers) expect(pair.map(codeOf).toSorted()).toEqual(["SignatureNonceUsed", "Success"])
  })

  it("a node refuses a signed request that was accepted before the node started", async () => {
    const { shared, a } = await two()
    const request = signed(root, whoAmI)
    expect(codeOf(await run(send(a, request)))).toBe("Success")
    const c = await open(shared, "C", 3)
    expect(codeOf(await run(send(c, request)))).toBe("SignatureNonceUsed")
  })
})

describe("deadlines of a store with several nodes", () => {
  it("nodes that start together perform each overdue deadline once", async () => {
    const { shared, a } = await two()
    const keys: Array<string> = []
    for (let n = 0; n < 30; n++) {
      const isLeaving = n % 2 === 0
      const keyId = await newKey(a, isLeaving ? {} : { EnableAutomaticRotation: true, RotationInterval: "7d" })
      if (isLeaving) await run(a.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
      keys.push(keyId)
    }
    const store = makeStore(shared)
    await run(store.setMeta(clockPositionName, `frozen ${startAt + 8 * day} 9`))
    await Promise.all(["C", "D", "E"].map((name, at) => open(shared, name, at)))
    await expect.poll(() => run(store.due({ until: startAt + 8 * day, limit: 99 }))).toEqual([])
    for (const [n, keyId] of keys.entries()) {
      const entries = await run(store.journal({ keyId: KeyId.make(keyId), afterSeq: 0, limit: 99 }))
      const types = entries.map(({ payload }) => (payload.type === "Event" ? payload.event.type : payload.type))
      const expected = n % 2 === 0 ? ["CreateKey", "ScheduleKeyDeletion", "DeletionDue"] : ["CreateKey", "RotationDue"]
      expect(types).toEqual(expected)
    }
    expect(await run(a.findings)).toEqual([])
  })

  it("a node sends deadlines to several keys at once, and to one key in order", async () => {
    const { shared, a } = await two()
    for (let n = 0; n < 5; n++) {
      await newKey(a, { EnableAutomaticRotation: true, RotationInterval: `${7 + n}d` })
      const leaving = await newKey(a, { EnableAutomaticRotation: true, RotationInterval: "7d" })
      await run(a.kms.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 9 }))
    }
    await run(makeStore(shared).setMeta(clockPositionName, `frozen ${startAt + 20 * day} 9`))
    await run(a.kms.showClock())
    const told: Array<DueRow> = []
    let [inTheAir, most] = [0, 0]
    const deliver = (row: DueRow) =>
      Effect.gen(function* () {
        told.push(row)
        most = Math.max(most, ++inTheAir)
        for (let n = 0; n < 50; n++) yield* Effect.yieldNow
        inTheAir--
      })
    await run(a.timers.start(deliver))
    expect(most).toBeGreaterThan(1)
    for (const rows of Map.groupBy(told, ({ keyId }) => keyId).values()) {
      expect(rows).toEqual(rows.toSorted((left, right) => left.dueAt - right.dueAt))
    }
  })

  it("a node wakes its timers when another node has moved the clock", async () => {
    const { shared, a, b } = await two()
    let wakes = 0
    b.clock.onChange(() => wakes++)
    await run(a.kms.showClock())
    await run(makeStore(shared).setMeta(clockPositionName, `frozen ${startAt + 8 * day} 9`))
    await run(b.kms.showClock())
    await run(b.kms.showClock())
    expect(wakes).toBe(1)
  })

  it("AdvanceClock answers after the nodes have performed all deadlines of the moved clock", async () => {
    const { shared, a, b } = await two()
    const keys = [await newKey(a), await newKey(b), await newKey(a)]
    for (const keyId of keys) await run(a.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    await run(b.kms.advanceClock({ By: "8d" }))
    expect(await run(makeStore(shared).nextDue)).toBeUndefined()
    for (const keyId of keys) expect(await code(encrypt(a, keyId))).toBe("Forbidden.KeyNotFound")
  })
})

describe("the journal of a key that several nodes write", () => {
  it("the journal of a key never goes back in time, although the clocks of its nodes differ", async () => {
    const { a, b } = await two()
    const keyId = KeyId.make(await newKey(a))
    const cause = { principal: "test", requestId: "test", operation: "UpdateKeyDescription" }
    const describe = async (node: Node, at: number) => {
      const actor = await run(node.directory.find(realm, keyId))
      await run(actor.tell({ type: "UpdateKeyDescription", at }, cause))
    }
    await describe(a, startAt + 500)
    await describe(b, startAt + 100)
    await describe(a, startAt + 300)
    const entries = await run(a.store.journal({ keyId, afterSeq: 0, limit: 9 }))
    expect(entries.map(({ at }) => at - startAt)).toEqual([0, 500, 500, 500])
  })
})

describe("a node without its store", () => {
  it("a node without its store answers 503, and is correct at once when the store is back", async () => {
    const { a, b } = await two()
    const keyId = await newKey(a)
    await run(encrypt(b, keyId))
    b.weather.setAway(true)
    for (const call of [
      encrypt(b, keyId),
      b.kms.disableKey({ KeyId: keyId }),
      b.kms.describeKey({ KeyId: "alias/no" })
    ]) {
      expect(await code(call)).toBe("ServiceUnavailableTemporary")
    }
    const answer = await run(send(b, signed({ ...root, accessKeyId: "nobody" }, whoAmI)))
    expect(codeOf(answer)).toBe("ServiceUnavailableTemporary")
    await run(a.kms.disableKey({ KeyId: keyId }))
    b.weather.setAway(false)
    expect(await code(encrypt(b, keyId))).toBe("Rejected.Disabled")
  })
})
