/** The files that mutation tests change, and the tests that must notice. */

export interface Group {
  readonly name: string
  /** Patterns of source files. */
  readonly mutates: ReadonlyArray<string>
  /** Patterns of test files, the quick ones first. */
  readonly tests: ReadonlyArray<string>
}

/**
 * The purity test is absent: it reads the sources, into which mutants are written. Tests that compare two runs of the same
 * machine are absent too: both runs have the same mutant.
 */
const machineTests = [
  "test/machines/{invariants,stateTable,rotation,material,importSession,permits}.test.ts",
  "test/machines/{paths,refusals,reachable}.test.ts"
]

export const groups: ReadonlyArray<Group> = [
  {
    name: "machines",
    mutates: ["machines/{cmk,deadlines,importSession,invariants}.ts"],
    tests: machineTests
  },
  {
    name: "permits",
    mutates: ["machines/{permits,refusals}.ts"],
    tests: machineTests
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
    tests: [
      "test/authorization/{conditions,documents,guidePolicies}.test.ts",
      "test/authorization/{everyPolicy,resourcePolicies,glob}.test.ts",
      "test/authorization/access.test.ts"
    ]
  },
  {
    name: "timers",
    mutates: ["src/timers/{agreed,agreement,clock,realClock,savedTrust,timers,trust,virtualClock}.ts"],
    tests: [
      "test/timers/trust.test.ts",
      "test/timers/*.test.ts",
      "test/actor/dueWhenAnswered.test.ts",
      "test/operation/clock.test.ts"
    ]
  }
]
