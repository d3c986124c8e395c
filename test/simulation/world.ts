/** A separate world for fibers: one seeded scheduler, one time that jumps from timer to timer, and a trace of what happened. */
import { Clock, Context, Duration, Effect, Logger, Scheduler } from "effect"
import type { Fiber } from "effect"
import { numbersFrom } from "../histories/weather.ts"

/** Fibers and clock of one machine. When it is cut off, no fiber of it takes another step. */
export interface Machine {
  readonly name: string
  readonly context: Context.Context<never>
  /** The time of its wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** Starts an effect as a fiber of this machine. Throws if the machine was cut off. */
  readonly start: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  readonly cutOff: () => void
  readonly isCutOff: () => boolean
  /** Pauses the fibers, as SIGSTOP pauses a process, until the machine continues. */
  readonly pause: () => void
  readonly goOn: () => void
  /** Moves the wall clock of the machine, milliseconds. Elapsed time is not affected. */
  readonly jump: (millis: number) => void
}

/** A task that is ready, by the name of its machine. */
export interface Ready {
  readonly machine: string
  /** How many tasks the machine had before it. */
  readonly order: number
  /** Given by the schedule. */
  readonly name: string
}

/** Decides which task runs next: at random, or by an enumeration. */
export interface Schedule {
  /** The place of the task that runs next. */
  readonly next: (ready: ReadonlyArray<Ready>) => number
  /** Whether time advances although a task is ready: a slow machine. */
  readonly isSlow: () => boolean
  /** Whether a fiber yields where Effect would let it continue. */
  readonly yields: () => boolean
  /** The name of a task: the name of the task that made it, and how many that one had made before. */
  readonly nameOf: (maker: string, nth: number) => string
}

export interface World {
  readonly random: () => number
  /** Whole numbers from 0, below `below`. */
  readonly below: (below: number) => number
  readonly pick: <A>(list: ReadonlyArray<A>) => A
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly machine: (name: string, options?: { readonly driftPerMillion?: number }) => Machine
  readonly note: (line: string) => void
  readonly trace: ReadonlyArray<string>
  /** Time during which nothing ran, as while every machine is off. */
  readonly pass: (millis: number) => void
  /** Suspends every machine for a time. Wall clocks go on; counters of elapsed time and timers do not. */
  readonly suspend: (millis: number) => void
  /** How long the machines were suspended in all. */
  readonly asleepMillis: () => number
  /** Runs until the end of the effect. Throws `Stuck` if no task is left before the end. */
  readonly run: <A, E>(machine: Machine, effect: Effect.Effect<A, E>) => A
}

/** The run cannot end: no task is left, or fibers run in an endless loop. */
export class Stuck extends Error {}

/** More steps than any run needs. */
const stepsMax = 3_000_000

interface Task extends Ready {
  readonly owner: Owner
  readonly work: () => void
}

/** A machine as the scheduler sees it. */
interface Owner {
  tasksMade: number
  isCutOff: boolean
  isPaused: boolean
  /** The tasks that became ready during a pause. */
  held: Array<Task>
}

interface Timer extends Task {
  at: number
  /** How many timers were set before it. */
  readonly made: number
  readonly isWanted: () => boolean
}

interface State {
  readonly random: () => number
  readonly schedule: Schedule
  readonly tasks: Array<Task>
  timers: Array<Timer>
  readonly trace: Array<string>
  now: number
  asleepMillis: number
  timersMade: number
  /** The task that runs. */
  maker: { readonly name: string; made: number }
}

/** How often time advances although a task is ready: a slow machine. */
const slowShare = 0.01
/** How often a fiber yields where Effect would let it continue. */
const yieldShare = 0.02

const startAt = Date.parse("2026-01-01T00:00:00Z")

/** Timers of one instant: machine by machine, so that the order does not depend on which machine set its timer first. */
const isEarlier = (left: Timer, right: Timer): boolean => {
  if (left.at !== right.at) return left.at < right.at
  return left.machine === right.machine ? left.made < right.made : left.machine < right.machine
}

const carryOut = (state: State, task: Task): void => {
  const { name, owner, work } = task
  if (owner.isCutOff) return
  if (owner.isPaused) {
    owner.held.push(task)
    return
  }
  state.maker = { name, made: 0 }
  work()
}

const nextName = ({ maker, schedule }: State): string => schedule.nameOf(maker.name, maker.made++)

const takeTimer = (state: State): Timer | undefined => {
  state.timers = state.timers.filter(({ isWanted, owner }) => isWanted() && !owner.isCutOff)
  let earliest: Timer | undefined
  for (const timer of state.timers) if (earliest === undefined || isEarlier(timer, earliest)) earliest = timer
  state.timers = state.timers.filter((timer) => timer !== earliest)
  return earliest
}

const takeTask = ({ schedule, tasks }: State): Task | undefined => {
  const at = schedule.next(tasks)
  const [taken, last] = [tasks[at], tasks.pop()]
  if (last !== undefined && at < tasks.length) tasks[at] = last
  return taken
}

/** Runs one task that is ready, or the earliest timer. Returns false if there is neither. */
const stepOnce = (state: State): boolean => {
  const isTimersTurn = state.tasks.length === 0 || (state.timers.length > 0 && state.schedule.isSlow())
  if (!isTimersTurn) {
    const task = takeTask(state)
    if (task !== undefined) carryOut(state, task)
    return true
  }
  const timer = takeTimer(state)
  if (timer === undefined) return state.tasks.length > 0
  state.now = Math.max(state.now, timer.at)
  carryOut(state, timer)
  return true
}

const schedulerOf = (state: State, machine: string, owner: Owner): Scheduler.Scheduler => ({
  executionMode: "async",
  shouldYield: ({ currentOpCount, cache }) =>
    currentOpCount >= cache.maxOpsBeforeYield || (currentOpCount > 0 && state.schedule.yields()),
  makeDispatcher: () => ({
    scheduleTask: (work) => {
      if (!owner.isCutOff) state.tasks.push({ machine, order: owner.tasksMade++, name: nextName(state), owner, work })
    },
    flush: () => undefined
  })
})

interface Wall {
  offset: number
  readonly rate: number
  /** How long the world had been awake when the machine began to drift. */
  readonly from: number
}

const awakeIn = ({ asleepMillis, now }: State): number => now - startAt - asleepMillis

/** A machine's wall clock may jump, and its elapsed time runs a little faster or slower than that of the world. */
const clockOf = (state: State, machine: string, owner: Owner, wall: Wall): Clock.Clock => {
  const awake = (): number => wall.from + (awakeIn(state) - wall.from) * wall.rate
  const millis = (): number => Math.floor(startAt + awake() + state.asleepMillis + wall.offset)
  const nanos = (): bigint => BigInt(millis()) * 1_000_000n
  const steady = (): bigint => BigInt(Math.floor(awake() * 1000)) * 1000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: steady,
    monotonicTimeNanos: Effect.sync(steady),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        let isWanted = true
        state.timers.push({
          at: state.now + Duration.toMillis(duration) / wall.rate,
          made: state.timersMade++,
          order: owner.tasksMade++,
          name: nextName(state),
          machine,
          owner,
          isWanted: () => isWanted,
          work: () => resume(Effect.void)
        })
        return Effect.sync(() => {
          isWanted = false
        })
      })
  }
}

const noteIn = (state: State, line: string): void => {
  state.trace.push(`${state.now - startAt} ${line}`)
}

/** The messages of a machine, only the first line of each: stack traces differ between versions. */
const loggerOf = (state: State, name: string): Logger.Logger<unknown, void> =>
  Logger.make(({ message }) => {
    const [first = ""] = [message].flat().map(String).join(" ").split("\n")
    noteIn(state, `${name} says: ${first}`)
  })

const makeMachine = (state: State, name: string, driftPerMillion: number): Machine => {
  const owner: Owner = { tasksMade: 0, isCutOff: false, isPaused: false, held: [] }
  const wall = { offset: 0, rate: 1 + driftPerMillion / 1e6, from: awakeIn(state) }
  const clock = clockOf(state, name, owner, wall)
  const context = Context.make(Scheduler.Scheduler, schedulerOf(state, name, owner)).pipe(
    Context.add(Clock.Clock, clock),
    Context.add(Logger.CurrentLoggers, new Set([loggerOf(state, name)]))
  )
  return {
    name,
    context,
    now: () => clock.currentTimeMillisUnsafe(),
    start: (effect) => {
      if (owner.isCutOff) throw new Error(`${name} was cut off: no fiber starts on it`)
      return Effect.runForkWith(context)(effect)
    },
    cutOff: () => {
      owner.isCutOff = true
    },
    isCutOff: () => owner.isCutOff,
    pause: () => {
      owner.isPaused = true
    },
    goOn: () => {
      owner.isPaused = false
      state.tasks.push(...owner.held)
      owner.held = []
    },
    jump: (millis) => {
      wall.offset += millis
    }
  }
}

const drawn = (random: () => number): Schedule => ({
  next: (ready) => Math.floor(random() * ready.length),
  isSlow: () => random() < slowShare,
  yields: () => random() < yieldShare,
  nameOf: () => ""
})

/** Chance decides what happens next, unless a schedule is given. */
export const makeWorld = (seed: number, schedule?: Schedule): World => {
  const random = numbersFrom(seed)
  const state: State = {
    random,
    schedule: schedule ?? drawn(random),
    tasks: [],
    timers: [],
    trace: [],
    now: startAt,
    asleepMillis: 0,
    timersMade: 0,
    maker: { name: "", made: 0 }
  }
  const below = (limit: number): number => Math.floor(state.random() * limit)
  return {
    random: state.random,
    below,
    pick: (list) => {
      const found = list[below(list.length)]
      if (found === undefined) throw new Error("there is nothing to pick from")
      return found
    },
    now: () => state.now,
    machine: (name, { driftPerMillion = 0 } = {}) => makeMachine(state, name, driftPerMillion),
    note: (line) => noteIn(state, line),
    trace: state.trace,
    pass: (millis) => {
      state.now += millis
    },
    suspend: (millis) => {
      state.now += millis
      state.asleepMillis += millis
      for (const timer of state.timers) timer.at += millis
    },
    asleepMillis: () => state.asleepMillis,
    run: (machine, effect) => {
      const fiber = machine.start(effect)
      for (let steps = 0; steps < stepsMax; steps++) {
        const ended = fiber.pollUnsafe()
        if (ended !== undefined) return Effect.runSync(ended)
        if (!stepOnce(state)) throw new Stuck("Nothing is left to run: a fiber waits for what is outside of the world.")
      }
      throw new Stuck(`The run did not end within ${stepsMax} steps.`)
    }
  }
}
