/** The attacks of a campaign: each is a program, its size, and how its figures are read. */

export interface Attack {
  readonly name: string
  /** The unit of its size. */
  readonly unit: string
  readonly size: number
  readonly program: (size: number) => ReadonlyArray<string>
  /** A control must fail: this shows that the attack can find faults. */
  readonly mustFail: boolean
}

const attack = (
  name: string,
  unit: string,
  size: number,
  program: (size: number) => ReadonlyArray<string>,
  mustFail = false
): Attack => ({ name, unit, size, program, mustFail })

const simulate = "test/simulation/run.ts"
const interleavings = "test/simulation/interleavings/run.ts"
const powerLoss = "test/powerLoss/run.ts"

/**
 * A campaign of `npm run campaign:nodes`, on server processes and a PostgreSQL server. The servers wait for the database
 * as long as a busy machine needs, so that a slow answer is no fault.
 */
const onNodes =
  (name: string, more: ReadonlyArray<string> = ["--timeout-millis", "60000"]) =>
  (size: number): ReadonlyArray<string> => ["test/nodes/run.ts", name, "--count", String(size), ...more]

export const attacks: ReadonlyArray<Attack> = [
  attack("simulate", "seeds", 10_000, (size) => [simulate, "--seeds", String(size)]),
  attack(
    "simulate-unproven",
    "seeds, control",
    12,
    (size) => [simulate, "--seeds", String(size), "--nodes", "2", "--without-proof", "--no-shrink"],
    true
  ),
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
  attack("power-loss", "images", 100_000, (size) => [powerLoss, "--images", String(size)]),
  attack(
    "power-loss-unsynced",
    "images, control",
    200,
    (size) => [powerLoss, "--control", "noSyncs", "--each", "7", "--images", String(size)],
    true
  ),
  attack("kills", "kills", 10_000, (size) => ["test/crash/run.ts", "--kills", String(size)]),
  attack("kills-postgres", "kills of three servers", 2000, onNodes("kills")),
  attack("kills-token", "kills", 1000, (size) => ["test/hsm/run.ts", "--kills", String(size)]),
  attack("malformed", "requests", 5_200_000, (size) => ["test/malformed/run.ts", "--requests", String(size)]),
  attack("mutants", "groups of files", 6, (size) => ["test/mutation/run.ts", "--first", String(size)]),
  attack("histories", "rounds", 5000, (size) => ["test/histories/run.ts", "--rounds", String(size)]),
  attack("histories-postgres", "rounds on server processes", 1000, (size) => [
    "test/histories/run.ts",
    "--processes",
    "--nodes",
    "3",
    "--rounds",
    String(size)
  ]),
  attack("histories-postgres-unproven", "rounds on server processes, control", 24, (size) => [
    "test/histories/run.ts",
    "--processes",
    "--without-proof",
    "--rounds",
    String(size)
  ]),
  attack("accepted-once", "requests, each to two servers", 100_000, onNodes("accepted-once")),
  attack("deadlines", "deadlines at one instant", 10_000, onNodes("deadlines")),
  attack("limits", "races at the edge of each limit", 250, onNodes("edges")),
  attack("cut-commits", "commits cut at each point of the connection", 100, onNodes("cut-commits")),
  attack("database-away", "absences of each kind", 10, onNodes("away", [])),
  attack("first-starts", "rounds of three first starts at once", 200, (size) => [
    "test/store/postgres/firstStartsRun.ts",
    "--rounds",
    String(size)
  ]),
  attack("soak", "hours", 24, (size) => ["test/soak/run.ts", "--hours", String(size)])
]
