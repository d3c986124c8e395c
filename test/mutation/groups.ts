/** The files that mutation tests change, and the tests that must notice. */

export interface Group {
  readonly name: string
  /** Patterns of source files. */
  readonly mutates: ReadonlyArray<string>
  /** Patterns of test files. */
  readonly tests: ReadonlyArray<string>
}

/**
 * The purity test reads the sources of the machines, into which mutants are written. Two others compare two runs of the
 * same machine, which have the same mutant.
 */
const machineTests = "test/machines/!(purity|fastTransition|liveActor).test.ts"

export const groups: ReadonlyArray<Group> = [
  {
    name: "machines",
    mutates: ["machines/{cmk,deadlines,importSession,invariants}.ts"],
    tests: [machineTests]
  },
  {
    name: "permits",
    mutates: ["machines/{permits,refusals}.ts"],
    tests: [machineTests]
  },
  {
    name: "context",
    mutates: ["src/domain/encryptionContext.ts"],
    tests: ["test/domain/encryptionContext.test.ts"]
  },
  {
    name: "envelope",
    mutates: ["src/crypto/{blob,message,seal}.ts"],
    tests: ["test/crypto/{envelope,commitment,golden,seal}.test.ts"]
  },
  {
    name: "policies",
    mutates: [
      "src/authorization/{access,conditions,evaluate,glob,operators,patterns,policy,policyJson,resourcePolicy,shape}.ts"
    ],
    tests: ["test/authorization/*.test.ts"]
  },
  {
    name: "timers",
    mutates: ["src/timers/{agreed,agreement,clock,realClock,savedTrust,timers,trust,virtualClock}.ts"],
    tests: ["test/timers/*.test.ts", "test/actor/dueWhenAnswered.test.ts", "test/operation/clock.test.ts"]
  }
]
