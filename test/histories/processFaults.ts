/** Faults of nodes that are processes, and of their database. */
import { Effect } from "effect"
import { cutPoints } from "../store/postgres/proxy.ts"
import type { Cluster, Member } from "../nodes/cluster.ts"

export const processFaults = ["none", "stop", "kill", "cut", "commit", "backend", "restart", "skew"] as const
export type ProcessFault = (typeof processFaults)[number]

export const isProcessFault = (text: string): text is ProcessFault => processFaults.some((fault) => fault === text)

export interface Chance {
  readonly random: () => number
  /** The longest stop of a node, milliseconds. */
  readonly stopMillis: number
}

const one = <A>(list: readonly [A, ...ReadonlyArray<A>], random: () => number): A =>
  list[Math.floor(random() * list.length)] ?? list[0]

const between = (least: number, most: number, { random }: Chance): number => least + random() * (most - least)

const lasting = (begin: () => void, end: () => void, millis: number): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(begin),
    () => Effect.sleep(millis),
    () => Effect.sync(end)
  )

/** A time longer than the limit of a call on the database, or shorter. */
const cutMillis = 3000

const cut = ({ link }: Member, chance: Chance): Effect.Effect<void> => {
  const ways = [
    // Packets are delayed, and arrive after their sender's time limit.
    [link.hold, link.release],
    // Packets are lost, and connections end without a message.
    [link.pause, link.resume],
    // Connections break, and new ones are refused.
    [link.refuse, link.resume]
  ] as const
  const [begin, end] = one(ways, chance.random)
  return lasting(begin, end, between(50, cutMillis, chance))
}

/** A node that ends is started again at once. */
const killed = (member: Member): Effect.Effect<void> =>
  Effect.uninterruptible(Effect.promise(() => member.kill().then(member.start)))

const terminate =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() " +
  "AND pid <> pg_backend_pid() AND random() < 0.5"

const hour = 3_600_000

/** Functions that cause each fault once, on a drawn node. */
const once: Readonly<Record<ProcessFault, (cluster: Cluster, member: Member, chance: Chance) => Effect.Effect<void>>> =
  {
    none: () => Effect.never,
    stop: (_cluster, { pause, resume }, chance) => lasting(pause, resume, between(100, chance.stopMillis, chance)),
    kill: (_cluster, member) => killed(member),
    cut: (_cluster, member, chance) => cut(member, chance),
    commit: (_cluster, { link }, { random }) => Effect.sync(() => link.cutAt(one(cutPoints, random))),
    backend: ({ sql }) => Effect.asVoid(Effect.uninterruptible(Effect.promise(() => sql([terminate])))),
    restart: ({ server }) => Effect.uninterruptible(Effect.promise(() => server.crash())),
    skew: (_cluster, { setClock }, chance) =>
      lasting(
        () => setClock(one([hour, -hour], chance.random)),
        () => setClock(0),
        between(100, cutMillis, chance)
      )
  }

/** The time between two faults, milliseconds. */
const quietMillis: Readonly<Record<ProcessFault, number>> = {
  none: 0,
  stop: 500,
  kill: 500,
  cut: 500,
  commit: 40,
  backend: 200,
  restart: 12_000,
  skew: 200
}

/** Breaks one node after another until its interruption. `happened` is called each time. */
export const processTrouble = (
  cluster: Cluster,
  fault: ProcessFault,
  chance: Chance,
  happened: () => void
): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const member = one(cluster.members, chance.random)
      yield* Effect.sleep(between(0, quietMillis[fault], chance))
      happened()
      yield* once[fault](cluster, member, chance)
    }
  })
