/** Several engines on a store whose clock jumps share one doubt, and a command on one applies to all. */
import { Clock, Effect } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { StoreUnavailable } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { makeStore } from "../../src/store/makeStore.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { day, hour, machineAt, minute, serviceOn, year } from "./machine.ts"
import type { Machine, Service } from "./machine.ts"

const start = Date.UTC(2026, 5, 1)

/** A store on its own machine, and machines that use it, all with the same real time. */
const newCluster = () => {
  const storeMachine = machineAt(start)
  const machines: Array<Machine> = [storeMachine]
  const running = new Set<Service>()
  const driver = Effect.runSync(sharedMemoryDriver.pipe(Effect.provideService(Clock.Clock, storeMachine.clock)))
  return {
    driver,
    store: makeStore(driver),
    /** A machine that boots now. */
    machine: (): Machine => {
      const machine = machineAt(storeMachine.wall(), `machine ${machines.length}`)
      machines.push(machine)
      return machine
    },
    pass: (millis: number): void => {
      for (const machine of machines) machine.pass(millis)
    },
    /** Suspends every machine. */
    suspend: (millis: number): void => {
      for (const machine of machines) machine.suspend(millis)
    },
    /** Sets the store's clock without elapsed time. */
    jump: storeMachine.set,
    wall: storeMachine.wall,
    node: async (machine: Machine, over: StoreDriver = driver): Promise<Service> => {
      const service = await serviceOn(machine, over)
      running.add(service)
      return service
    },
    stop: async (...services: ReadonlyArray<Service>): Promise<void> => {
      for (const service of services) {
        running.delete(service)
        await service.close()
      }
    },
    end: async (): Promise<void> => {
      for (const service of running) await service.close()
    }
  }
}

/** A store after whose next proof the machines are suspended. */
const suspendedAfterProof = (driver: StoreDriver, suspend: () => void) => {
  const state = { isArmed: false, isDone: false }
  const shared = driver.abilities?.shared
  if (shared === undefined) throw new Error("the store is shared")
  const then = (): void => {
    if (!state.isArmed) return
    state.isArmed = false
    suspend()
    state.isDone = true
  }
  return {
    driver: {
      ...driver,
      abilities: {
        ...driver.abilities,
        shared: {
          ...shared,
          prove: (question: Parameters<typeof shared.prove>[0]) =>
            Effect.tap(shared.prove(question), () => Effect.sync(then))
        }
      }
    } satisfies StoreDriver,
    arm: (): void => {
      state.isArmed = true
    },
    isDone: () => state.isDone
  }
}

let cluster: ReturnType<typeof newCluster>
const begin = (): ReturnType<typeof newCluster> => (cluster = newCluster())
afterEach(() => cluster.end())

const shown = ({ kms, run }: Service) => run(kms.showClock())
const nowOf = async (service: Service): Promise<string> => (await shown(service)).Now
const isInDoubt = async (service: Service): Promise<boolean> => (await shown(service)).Doubt !== undefined

const scheduled = async ({ kms, run }: Service): Promise<string> => {
  const { KeyId } = (await run(kms.createKey())).KeyMetadata
  await run(kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
  return KeyId
}

const stateOf = ({ kms, run }: Service, KeyId: string): Promise<string> =>
  run(
    kms.describeKey({ KeyId }).pipe(
      Effect.map(({ KeyMetadata }) => KeyMetadata.KeyState),
      Effect.catch(({ code }) => Effect.succeed(code))
    )
  )

/** A connection to the store that can be cut, like a network. */
const cuttable = (driver: StoreDriver) => {
  let isCut = false
  const away = Effect.fail(new StoreUnavailable({ reason: "Unreachable", message: "The store is away." }))
  const over = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
    Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => (isCut ? away : call))
  const shared = driver.abilities?.shared
  if (shared === undefined) throw new Error("the memory can be shared")
  const cut: StoreDriver = {
    get: (table, id) => over(driver.get(table, id)),
    scan: (scan) => over(driver.scan(scan)),
    count: (range) => over(driver.count(range)),
    commit: (plan) => over(driver.commit(plan)),
    abilities: {
      shared: {
        prove: (question) => over(shared.prove(question)),
        claimDue: (claim) => over(shared.claimDue(claim)),
        nodes: shared.nodes
      }
    }
  }
  return { cut, setCut: (next: boolean) => void (isCut = next) }
}

/** Two nodes on two machines, and a key to be deleted in 7 days. */
const pair = async () => {
  const { machine, node } = begin()
  const machines = [machine(), machine()] as const
  const nodes = [await node(machines[0]), await node(machines[1])] as const
  return { machines, nodes, leaving: await scheduled(nodes[0]) }
}

describe("engines on a store whose clock jumps while they run", () => {
  for (const by of [5 * hour, year, -5 * hour, -year]) {
    for (const word of ["confirmClock", "rejectClock"] as const) {
      it(`a jump by ${by / hour} hours puts all engines in doubt, and ${word} on one applies to the other`, async () => {
        const { nodes, leaving } = await pair()
        const [first, second] = nodes
        cluster.jump(by)
        for (const node of nodes) await node.settle()
        expect(await isInDoubt(first)).toBe(true)
        expect((await shown(second)).Doubt).toEqual((await shown(first)).Doubt)
        cluster.pass(minute)
        await first.run(first.kms[word]())
        const there = await shown(second)
        expect(there).not.toHaveProperty("Doubt")
        const isBack = by < 0 || word === "confirmClock"
        expect(there).toMatchObject({
          Follows: isBack ? "MachineClock" : "ElapsedTime",
          Now: formatInstant(isBack ? cluster.wall() : start + minute)
        })
        expect(await nowOf(first)).toBe(there.Now)
        await second.settle()
        expect(await stateOf(second, leaving)).toBe(
          word === "confirmClock" && by === year ? "Forbidden.KeyNotFound" : "PendingDeletion"
        )
      })
    }
  }

  it("several engines are not in doubt after a suspension between an answer of the store and a look", async () => {
    const { driver, machine, node, suspend, wall } = begin()
    const late = suspendedAfterProof(driver, () => suspend(30 * day))
    const services = [await node(machine(), late.driver), await node(machine())]
    const [first] = services
    late.arm()
    await first?.settle()
    await expect.poll(late.isDone).toBe(true)
    for (const service of services) await service.settle()
    for (const service of services) expect(await isInDoubt(service)).toBe(false)
    for (const service of services) expect(await nowOf(service)).toBe(formatInstant(wall()))
  })

  it("a command on the clock survives an older mark that a disconnected node writes afterwards", async () => {
    const { driver, machine, node } = begin()
    const way = cuttable(driver)
    const [first, second] = [await node(machine()), await node(machine(), way.cut)]
    cluster.jump(year)
    for (const one of [first, second]) await one.settle()
    way.setCut(true)
    await first.run(first.kms.confirmClock())
    const decided = await nowOf(first)
    await cluster.stop(first)
    way.setCut(false)
    await cluster.stop(second)
    const [third, fourth] = [await node(machine()), await node(machine())]
    for (const one of [third, fourth]) expect(await shown(one)).toMatchObject({ Follows: "MachineClock", Now: decided })
    expect(await isInDoubt(third)).toBe(false)
  })

  it("two simultaneous commands on the clock apply one after the other", async () => {
    const { nodes } = await pair()
    cluster.jump(year)
    for (const node of nodes) await node.settle()
    await Promise.all(nodes.map(({ kms, run }) => run(kms.confirmClock())))
    for (const node of nodes) {
      expect(await isInDoubt(node)).toBe(false)
      expect(await nowOf(node)).toBe(formatInstant(cluster.wall()))
    }
  })

  it("all engines end a short doubt automatically when the clock is right again", async () => {
    const { nodes } = await pair()
    cluster.jump(5 * hour)
    for (const node of nodes) await node.settle()
    expect(await isInDoubt(nodes[1])).toBe(true)
    cluster.pass(minute)
    cluster.jump(-5 * hour)
    for (const node of nodes) await node.settle()
    for (const node of nodes) {
      expect(await isInDoubt(node)).toBe(false)
      expect(await nowOf(node)).toBe(formatInstant(start + minute))
    }
  })
})

describe("a node that starts while the store's clock is in doubt", () => {
  it("a node that starts during a doubt uses the time of the running nodes", async () => {
    const { nodes } = await pair()
    cluster.jump(5 * hour)
    for (const node of nodes) await node.settle()
    cluster.pass(minute)
    for (const node of nodes) await node.settle()
    const third = await cluster.node(cluster.machine())
    expect((await shown(third)).Doubt).toEqual((await shown(nodes[0])).Doubt)
    expect(await nowOf(third)).toBe(formatInstant(start + minute))
  })

  it("a node that starts after RejectClock uses elapsed time", async () => {
    const { nodes } = await pair()
    cluster.jump(5 * hour)
    for (const node of nodes) await node.settle()
    await nodes[0].run(nodes[0].kms.rejectClock())
    cluster.pass(minute)
    await nodes[1].settle()
    const third = await cluster.node(cluster.machine())
    expect(await isInDoubt(third)).toBe(false)
    expect(await shown(third)).toMatchObject({ Follows: "ElapsedTime", Now: formatInstant(start + minute) })
  })
})

describe("all engines off for more than a day", () => {
  for (const order of ["first", "second"] as const) {
    it(`engines off for three days are not in doubt on running machines if the ${order} one starts first`, async () => {
      const { machines, nodes, leaving } = await pair()
      await cluster.stop(...nodes)
      cluster.pass(3 * day)
      const [one, other] = order === "first" ? machines : ([machines[1], machines[0]] as const)
      const again = [await cluster.node(one), await cluster.node(other)] as const
      for (const node of again) {
        expect(await isInDoubt(node)).toBe(false)
        expect(await nowOf(node)).toBe(formatInstant(start + 3 * day))
      }
      cluster.pass(5 * day)
      for (const node of again) await node.settle()
      expect(await stateOf(again[1], leaving)).toBe("Forbidden.KeyNotFound")
    })
  }

  it("engines on new machines are in doubt together, and a command applies to both", async () => {
    const { nodes, leaving } = await pair()
    await cluster.stop(...nodes)
    cluster.pass(30 * day)
    const [first, second] = [await cluster.node(cluster.machine()), await cluster.node(cluster.machine())] as const
    expect(await isInDoubt(first)).toBe(true)
    expect((await shown(second)).Doubt).toEqual((await shown(first)).Doubt)
    expect(await nowOf(second)).toBe(await nowOf(first))
    expect(await stateOf(second, leaving)).toBe("PendingDeletion")
    await second.run(second.kms.confirmClock())
    expect(await isInDoubt(first)).toBe(false)
    expect(await nowOf(first)).toBe(formatInstant(start + 30 * day))
    expect(await stateOf(first, leaving)).toBe("Forbidden.KeyNotFound")
  })

  it("a doubt ends when a machine starts that counted the time", async () => {
    const { machines, nodes } = await pair()
    await cluster.stop(...nodes)
    cluster.pass(3 * day)
    const stranger = await cluster.node(cluster.machine())
    expect(await isInDoubt(stranger)).toBe(true)
    const witness = await cluster.node(machines[0])
    for (const node of [stranger, witness]) {
      expect(await isInDoubt(node)).toBe(false)
      expect(await nowOf(node)).toBe(formatInstant(start + 3 * day))
    }
  })

  it("a command on the clock stays when a machine starts later that counted the time", async () => {
    const { machines, nodes } = await pair()
    await cluster.stop(...nodes)
    cluster.pass(3 * day)
    cluster.jump(year)
    const stranger = await cluster.node(cluster.machine())
    await stranger.run(stranger.kms.confirmClock())
    const later = await cluster.node(machines[0])
    for (const node of [stranger, later]) {
      expect(await isInDoubt(node)).toBe(false)
      expect(await nowOf(node)).toBe(formatInstant(cluster.wall()))
    }
  })

  it("engines are in doubt if the store's clock was set during the outage", async () => {
    const { machines, nodes } = await pair()
    await cluster.stop(...nodes)
    cluster.pass(hour)
    cluster.jump(20 * hour)
    const [first, second] = [await cluster.node(machines[0]), await cluster.node(machines[1])] as const
    for (const node of [first, second]) {
      expect(await isInDoubt(node)).toBe(true)
      expect(await nowOf(node)).toBe(formatInstant(start + hour))
    }
  })
})

describe("a store that an earlier version used", () => {
  it("a store of an earlier version keeps its doubt, for all engines, until a command", async () => {
    const { machine, node, store } = begin()
    const doubt = {
      direction: "Forward",
      from: start,
      to: start + year,
      furthest: year,
      steady: { distance: year, since: 0 }
    }
    const mark = { mode: "Doubted", at: start, base: start, lead: 0, doubt, uptime: 0 }
    await Effect.runPromise(store.setMeta("clock.kind", "real"))
    await Effect.runPromise(store.setMeta("clock.mark", JSON.stringify(mark)))
    const [first, second] = [await node(machine()), await node(machine())]
    expect(await isInDoubt(second)).toBe(true)
    await first.run(first.kms.rejectClock())
    expect(await isInDoubt(second)).toBe(false)
  })
})

describe("a store that changes between one engine and several", () => {
  it("a store keeps the doubt and the command over a change between one engine and several", async () => {
    const { nodes } = await pair()
    cluster.jump(year)
    for (const node of nodes) await node.settle()
    await cluster.stop(...nodes)
    const { abilities, ...single } = cluster.driver
    expect(abilities).toHaveProperty("shared")
    const alone = await cluster.node(cluster.machine(), single)
    expect(await isInDoubt(alone)).toBe(true)
    cluster.jump(-year)
    await alone.run(alone.kms.rejectClock())
    expect(await isInDoubt(alone)).toBe(false)
    await cluster.stop(alone)
    const [first, second] = [await cluster.node(cluster.machine()), await cluster.node(cluster.machine())]
    for (const node of [first, second]) {
      expect(await isInDoubt(node)).toBe(false)
      expect(await nowOf(node)).toBe(formatInstant(start))
    }
  })
})
