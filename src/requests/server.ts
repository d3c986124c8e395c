/** The services of every call, created once when the service starts. */
import { Clock, Effect } from "effect"
import { Permissions } from "../actor/permissions.ts"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { makeAuditLog } from "../audit/auditLog.ts"
import { Providers } from "../crypto/providers.ts"
import { Settings } from "../domain/settings.ts"
import { Randomness } from "../platform/services.ts"
import type { ServerServices } from "../operation/operation.ts"
import { ImportDesk } from "../actor/importDesk.ts"
import { operationStore } from "../store/operationStore.ts"
import { Store } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { Access } from "../authorization/access.ts"
import { makeAccessControl } from "./accessControlLayer.ts"
import { defaultKeyPolicy, keyPolicyFault } from "../authorization/keyPolicy.ts"
import type { Caller } from "../authorization/caller.ts"
import { Ram } from "../authorization/ram.ts"
import type { RamService } from "../authorization/ram.ts"
import { Proofs } from "../proof/proofs.ts"
import type { AskProof } from "../proof/proofs.ts"
import { makeThrottle } from "./throttle.ts"
import type { Throttle } from "./throttle.ts"
import { AliasMemory } from "./proven.ts"

export type Services =
  | KeyDirectory
  | Permissions
  | Store
  | LifecycleClock
  | Timers
  | Randomness
  | Providers
  | ImportDesk

/** The services of every call. */
export interface Server {
  readonly services: ServerServices
  readonly access: Access["Service"]
  readonly permissions: Permissions["Service"]
  readonly settings: (typeof Settings)["Service"]
  readonly ram: RamService
  /** Undefined if the rate of calls has no limit. */
  readonly throttle: Throttle | undefined
  /** Undefined if this engine is the only one on its store. */
  readonly askProof: AskProof | undefined
  readonly aliases: AliasMemory
  /** Names of callers. A caller that stays the same, as within a process, is formatted once. */
  readonly principals: WeakMap<Caller, string>
}

export const makeServer = Effect.gen(function* () {
  const store = yield* Store
  const ram = yield* Ram
  const settings = yield* Settings
  const audit = yield* Audit
  const time = yield* Clock.Clock
  const serverAccount = ram.root.caller.account
  const services: ServerServices = {
    directory: yield* KeyDirectory,
    store: operationStore(store),
    clock: yield* LifecycleClock,
    timers: yield* Timers,
    randomness: yield* Randomness,
    providers: yield* Providers,
    importDesk: yield* ImportDesk,
    access: yield* makeAccessControl,
    keyPolicies: { fault: keyPolicyFault, whenNoneIsSet: defaultKeyPolicy },
    audit,
    auditLog: makeAuditLog(store, serverAccount, audit.times),
    quotas: settings.quotas,
    serverAccount
  }
  const server: Server = {
    services,
    access: yield* Access,
    permissions: yield* Permissions,
    settings,
    throttle:
      Object.keys(settings.requestRates).length === 0
        ? undefined
        : makeThrottle(settings.requestRates, () => Number(time.monotonicTimeNanosUnsafe()) / 1e6),
    ram,
    askProof: (yield* Proofs).ask,
    aliases: new AliasMemory(),
    principals: new WeakMap()
  }
  return server
})
