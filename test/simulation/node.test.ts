/** A simulated node that crashes between any two steps of its clients: each client gets a result. */
import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { makeNode, root } from "./node.ts"
import type { Node } from "./node.ts"
import { makeWorld } from "./world.ts"
import type { Ready, World } from "./world.ts"

const client = "client"

/** The step of the client before which the node crashes. Undefined: no crash. */
interface Course {
  before: number | undefined
  node: Node | undefined
  questions: number
}

const isDue = ({ before, node }: Course, ready: ReadonlyArray<Ready>): boolean => {
  const step = ready.find(({ machine }) => machine === client)
  return before !== undefined && step !== undefined && step.order >= before && node?.machine() !== undefined
}

/** A fiber yields at every third question: at every question it would never continue. */
const worldOf = (course: Course): World =>
  makeWorld(1, {
    isSlow: () => false,
    yields: () => course.questions++ % 3 === 0,
    nameOf: () => "",
    next: (ready) => {
      if (!isDue(course, ready)) return 0
      course.before = undefined
      course.node?.crash("between two steps")
      return 0
    }
  })

interface Stage {
  readonly world: World
  readonly node: Node
  readonly course: Course
  readonly run: <A>(effect: Effect.Effect<A>) => A
}

const makeStage = (): Stage => {
  const course: Course = { before: undefined, node: undefined, questions: 0 }
  const world = worldOf(course)
  const home = world.machine("home")
  const node = makeNode(world, "A", {
    shared: world.run(home, sharedMemoryDriver),
    isProven: false,
    clock: "virtual",
    seed: 1,
    onCommit: () => undefined,
    crashesAt: () => false,
    onBroken: (why) => {
      throw new Error(why)
    },
    way: { out: Effect.yieldNow, back: Effect.yieldNow, fateOf: () => "answered" }
  })
  course.node = node
  return { world, node, course, run: (effect) => world.run(home, effect) }
}

/** The client's result of the effect, and whether the node crashed before the numbered step of the client. */
const clientRuns = <A>({ course, run, world }: Stage, effect: Effect.Effect<A>, before: number) => {
  course.before = before
  const got = run(Effect.suspend(() => Fiber.join(world.machine(client).start(effect))))
  const isCrashed = course.before === undefined
  course.before = undefined
  return { got, isCrashed }
}

const createKey = (node: Node) =>
  node.ask({ operation: "CreateKey", parameters: {}, caller: root, requestId: "00000000-0000-4000-8000-000000000000" })

describe("a simulated node", () => {
  it("a simulated node reports a crash before each step of a call to the client", () => {
    const stage = makeStage()
    const { node, run } = stage
    for (let before = 0; ; before++) {
      run(node.start)
      const { got, isCrashed } = clientRuns(stage, createKey(node), before)
      if (!isCrashed) {
        expect(got.code).toBe("Success")
        expect(before).toBeGreaterThan(2)
        return
      }
      expect(["down", "unknown", "Success"]).toContain(got.code)
      expect(node.isUp()).toBe(false)
    }
  })

  it("a simulated node that crashes during its start stays down", () => {
    const stage = makeStage()
    const { node, world } = stage
    for (let before = 0; ; before++) {
      const { isCrashed } = clientRuns(stage, node.start, before)
      if (!isCrashed) {
        expect(node.isUp()).toBe(true)
        expect(before).toBeGreaterThan(2)
        return
      }
      expect(node.isUp()).toBe(false)
      expect(world.trace.at(-1)).not.toContain("is up")
    }
  })
})
