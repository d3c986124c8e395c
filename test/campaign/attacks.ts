/** The attacks of a campaign: each is a program, its size, and how its figures are read. */

export interface Attack {
  readonly name: string
  /** The unit of its size. */
  readonly unit: string
  readonly size: number
  /** `first` is the number of the first seed: earlier runs of the attack used the seeds before it. */
  readonly program: (size: number, first: number) => ReadonlyArray<string>
  /** Whether the sizes of several runs add up: each run does something new. */
  readonly addsUp: boolean
  /** A control must fail: this shows that the attack can find faults. */
  readonly mustFail: boolean
}

const attack = (name: string, unit: string, size: number, program: Attack["program"]): Attack => ({
  name,
  unit,
  size,
  program,
  addsUp: false,
  mustFail: false
})

/** An attack whose runs add up: they have other seeds, or are races and kills at moments that no seed decides. */
const growing = (name: string, unit: string, size: number, program: Attack["program"]): Attack => ({
  ...attack(name, unit, size, program),
  addsUp: true
})

const control = (name: string, unit: string, size: number, program: Attack["program"]): Attack => ({
  ...attack(name, `${unit}, control`, size, program),
  mustFail: true
})

const simulate = "test/simulation/run.ts"
const interleavings = "test/simulation/interleavings/run.ts"
const powerLoss = "test/powerLoss/run.ts"
const histories = "test/histories/run.ts"

/**
 * A campaign of `npm run campaign:nodes`, on server processes and a PostgreSQL server. The servers wait for the database
 * as long as a busy machine needs, so that a slow answer is no fault.
 */
const onNodes =
  (name: string, more: ReadonlyArray<string> = ["--timeout-millis", "60000"]) =>
  (size: number): ReadonlyArray<string> => ["test/nodes/run.ts", name, "--count", String(size), ...more]

export const attacks: ReadonlyArray<Attack> = [
  growing("simulate", "seeds", 10_000, (size, first) => [simulate, "--seeds", String(size), "--seed", String(first)]),
  control("simulate-unproven", "seeds", 12, (size) => [
    simulate,
    "--seeds",
    String(size),
    "--nodes",
    "2",
    "--without-proof",
    "--no-shrink"
  ]),
  attack("simulate-power", "seeds for each seeded fault", 1000, (size) => [
    "test/simulation/power/power.ts",
    "--seeds",
    String(size)
  ]),
  attack("interleavings", "orders of each meeting at most", 1_000_000, (size) => [
    interleavings,
    "--paths",
    String(size)
  ]),
  attack("interleavings-failures", "orders of each meeting at most", 10_000, (size) => [
    interleavings,
    "--failures",
    "1",
    "--paths",
    String(size)
  ]),
  attack("interleavings-three", "orders of each meeting at most", 10_000, (size) => [
    interleavings,
    "--operations",
    "3",
    "--settings",
    "memory",
    "--paths",
    String(size)
  ]),
  growing("power-loss", "images", 100_000, (size, first) => [
    powerLoss,
    "--images",
    String(size),
    "--seed",
    String(first)
  ]),
  control("power-loss-unsynced", "images", 200, (size) => [
    powerLoss,
    "--control",
    "noSyncs",
    "--each",
    "7",
    "--images",
    String(size)
  ]),
  growing("kills", "kills", 10_000, (size) => ["test/crash/run.ts", "--kills", String(size)]),
  growing("kills-postgres", "kills of three servers", 2000, onNodes("kills")),
  growing("kills-token", "kills", 1000, (size) => ["test/hsm/run.ts", "--kills", String(size)]),
  growing("malformed", "requests", 5_200_000, (size, first) => [
    "test/malformed/run.ts",
    "--requests",
    String(size),
    "--seed",
    String(first)
  ]),
  attack("mutants", "groups of files", 6, (size) => ["test/mutation/run.ts", "--first", String(size)]),
  growing("histories", "rounds", 5000, (size, first) => [histories, "--rounds", String(size), "--seed", String(first)]),
  growing("histories-postgres", "rounds on server processes", 1000, (size, first) => [
    histories,
    "--processes",
    "--nodes",
    "3",
    "--stop-millis",
    "30000",
    "--rounds",
    String(size),
    "--seed",
    String(first)
  ]),
  // A control that succeeds if it rejects at least half of its histories.
  attack("histories-postgres-unproven", "rounds on server processes, control", 24, (size) => [
    histories,
    "--processes",
    "--without-proof",
    "--rounds",
    String(size)
  ]),
  growing("accepted-once", "requests, each to two servers", 100_000, onNodes("accepted-once")),
  attack("deadlines", "deadlines at one instant", 10_000, onNodes("deadlines")),
  growing("limits", "races at the edge of each limit", 250, onNodes("edges")),
  growing("cut-commits", "commits cut at each point of the connection", 100, onNodes("cut-commits")),
  growing("database-away", "absences of each kind", 10, onNodes("away", [])),
  growing("first-starts", "rounds of three first starts at once", 200, (size) => [
    "test/store/postgres/firstStartsRun.ts",
    "--rounds",
    String(size)
  ]),
  growing("soak", "hours", 24, (size) => ["test/soak/run.ts", "--hours", String(size)])
]
