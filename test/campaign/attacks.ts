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
  attack("malformed", "requests", 5_200_000, (size) => ["test/malformed/run.ts", "--requests", String(size)]),
  attack("mutants", "groups of files", 6, (size) => ["test/mutation/run.ts", "--first", String(size)]),
  attack("histories", "rounds", 5000, (size) => ["test/histories/run.ts", "--rounds", String(size)])
]
