/** The public entry to the machines, for code that draws them, tests against them or builds on them. */
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
  StoredSnapshot
} from "./cmk.ts"
export { deadlines, factOf } from "./deadlines.ts"
export type { OwedDeadline } from "./deadlines.ts"
export { broken, invariants } from "./invariants.ts"
export type { Invariant } from "./invariants.ts"
export { decide, kindOf, refusalOf, rules } from "./permits.ts"
export type { KeyKind, KeyOperation, Refusal, Verdict } from "./permits.ts"
export {
  commandTags,
  deadlineKinds,
  eventTypes,
  facts,
  lifecycleStates,
  livingStates,
  refusalCodes,
  requests,
  rotationStates
} from "./vocabulary.ts"
export type {
  CommandTag,
  DeadlineKind,
  EventType,
  FactType,
  LifecycleState,
  LivingState,
  RefusalCode,
  RequestType,
  RotationState
} from "./vocabulary.ts"
