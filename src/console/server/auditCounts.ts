/** Counts of the audit records that match a filter. Each question reads a part of the log, until all of it is counted. */
import { Effect, Semaphore, Stream } from "effect"
import type { Audit } from "../../audit/audit.ts"
import type { LineTest } from "../../audit/auditPage.ts"
import { segmentsAfter } from "../../audit/chainWalk.ts"
import { makeFacetCounter } from "../../audit/facets.ts"
import type { FacetCounter } from "../../audit/facets.ts"
import { linesOf, makeOwners } from "../../audit/owners.ts"
import { refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { AccountId } from "../../domain/ids.ts"
import type { ServiceSettings } from "../../domain/settings.ts"
import { auditFilterIn } from "../../operation/audit/ListAuditRecords.ts"
import { fromObject } from "../../operation/parameters.ts"
import { logLinesOf } from "../../records/auditLine.ts"
import type { AuditEntry, AuditFilter } from "../../records/auditLine.ts"
import { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { AuditCounts } from "../protocol.ts"
import type { Asker } from "./asker.ts"
import { orDamaged } from "./useIndex.ts"
import type { UseIndex } from "./useIndex.ts"

/** Lines that one question reads. */
const linesAtOnce = 50_000
/** Filters whose counts are kept. A filter that was asked about least recently is dropped. */
const keptMax = 4
/** Values of each member that are sent. */
const shownMax = 5

/** The records of the whole log, or of one account. */
interface Scope {
  readonly account: AccountId
  readonly isWhole: boolean
  readonly filter: AuditFilter
}

interface Counting {
  readonly scope: Scope
  readonly counter: FacetCounter
  /** The newest segment that was counted. */
  seq: number
}

export interface AuditCounter {
  /** The counts for the parameters of ListAuditRecords. Only the root of an account may ask. */
  readonly of: (asker: Asker, parameters: object) => Effect.Effect<AuditCounts, AnyKmsError>
}

interface Sources {
  readonly store: Store["Service"]
  readonly audit: Pick<Audit["Service"], "times">
  readonly uses: Pick<UseIndex, "readOn">
  readonly settings: ServiceSettings
  readonly serverAccount: AccountId
}

const everyLine: LineTest = { learn: () => Effect.void, takes: () => true }

/** Counts at most `linesAtOnce` lines, and at least one segment. Answers whether the end of the log was reached. */
const countOn = Effect.fnUntraced(function* ({ audit, store }: Sources, counting: Counting, only: LineTest) {
  const { counter, scope } = counting
  const skip = (seq: number): number => audit.times.skip("OldestFirst", seq, scope.filter)
  let lines = 0
  yield* Stream.runForEachWhile(segmentsAfter(skip(counting.seq), skip), (segment) =>
    Effect.gen(function* () {
      if (lines >= linesAtOnce) return false
      yield* only.learn(segment)
      yield* Effect.yieldNow
      const taken = new Map<AuditEntry, boolean>()
      for (const { at, full } of logLinesOf(segment)) {
        const isTaken = taken.get(full) ?? only.takes(segment, full.line)
        taken.set(full, isTaken)
        if (isTaken) counter.add(full, at)
      }
      counting.seq = segment.seq
      lines += segment.lines.length
      return true
    })
  ).pipe(Effect.provideService(Store, store))
  return lines < linesAtOnce
})

const scopeOf = ({ serverAccount, settings }: Sources, { realm }: Asker, parameters: object) => {
  const decoded = auditFilterIn(fromObject(parameters), settings)
  if (!decoded.ok) return Effect.fail(decoded.error)
  const { filter, isWhole } = decoded
  if (!isWhole || realm.account === serverAccount) return Effect.succeed({ account: realm.account, isWhole, filter })
  const hint = "Only the root access key of the server's own account may set AllAccounts."
  return Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
}

export const makeAuditCounter = (sources: Sources): AuditCounter => {
  const kept = new Map<string, Counting>()
  const turn = Semaphore.makeUnsafe(1)
  const owners = makeOwners(sources.store)

  const countingOf = (scope: Scope): Counting => {
    const name = JSON.stringify(scope)
    const counting = kept.get(name) ?? { scope, counter: makeFacetCounter(scope.filter), seq: 0 }
    kept.delete(name)
    kept.set(name, counting)
    for (const oldest of kept.keys()) {
      if (kept.size <= keptMax) break
      kept.delete(oldest)
    }
    return counting
  }

  const count = Effect.fnUntraced(function* (scope: Scope) {
    // The index of uses knows the times of the whole log, so that a range of time reads only its own part.
    const { isAtEnd: isRead, of } = yield* sources.uses.readOn
    const counting = countingOf(scope)
    const only = scope.isWhole ? everyLine : linesOf(owners, scope.account, sources.serverAccount)
    const isAtEnd = isRead && (yield* orRefused(orDamaged(countOn(sources, counting, only))))
    const share = Math.min(1, (isAtEnd ? of : counting.seq) / Math.max(of, 1))
    const counts: AuditCounts = {
      ...counting.counter.counts(shownMax),
      isComplete: isAtEnd,
      share: Math.floor(share * 100) / 100
    }
    return counts
  })

  return {
    of: (asker, parameters) =>
      Effect.flatMap(scopeOf(sources, asker, parameters), (scope) => turn.withPermit(count(scope)))
  }
}
