/** The machines, for those who draw them, test against them or build on them. */
export { cmkMachine, create, freeze, lifecycleOf, revive, rotationOf, step } from "./cmk.ts"
export type {
  CmkCommand,
  CmkContext,
  CmkEvent,
  CmkIdentity,
  CmkInput,
  CmkSnapshot,
  Deadline,
  Decision,
  LifecycleState,
  RotationState,
  StoredSnapshot
} from "./cmk.ts"
export { deadlines, factOf } from "./deadlines.ts"
export type { DeadlineKind, OwedDeadline } from "./deadlines.ts"
export { broken, invariants } from "./invariants.ts"
export type { Invariant } from "./invariants.ts"
export { decide, kindOf, refusalOf, rules } from "./permits.ts"
export type { KeyKind, KeyOperation, Refusal, RefusalCode, Verdict } from "./permits.ts"
