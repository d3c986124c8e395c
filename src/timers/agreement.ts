/** The stored agreement of the engines on one store about its clock, and the marks that a run leaves for the next. */
import { Effect } from "effect"
import { clockPositionName } from "../records/metaNames.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import type { StoreConflict, StoreFailure } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import { adopted, corrects, differs, knowsBetter, resumeAgreed } from "./agreed.ts"
import type { Agreed, Found, Mark, Start } from "./agreed.ts"
import { markName } from "./clock.ts"
import { firstLook, newestInstant } from "./looks.ts"
import type { Looks } from "./looks.ts"
import { decodeAgreed, decodeMarks, decodeSaved, encodeAgreed, encodeMarks, encodeSaved } from "./savedTrust.ts"
import { adopt, resume, trustedAt } from "./trust.ts"
import type { Resumed, Trust } from "./trust.ts"

/** Written by earlier versions only. */
const doubtName = "clock.doubt"
/** The counts of each machine, if several use the store. */
const marksName = "clock.marks"

/** A machine writes its own mark at this interval. Its counter continues in between. */
const ownMarkMillis = 60 * 60 * 1000

/** The time that this engine follows. */
export interface Present {
  readonly trust: Trust
  /** The steady counter at the look that produced it. */
  readonly lookedAt: number
}

export interface Heard {
  /** The time that this engine follows from now on. Undefined if the engine has better data and must write it. */
  readonly trust: Trust | undefined
  /** Whether a person decided since this engine last read the agreement. */
  readonly isDecided: boolean
}

export interface News {
  readonly trust: Trust
  /** The store's clock at the look that produced the trust. */
  readonly wall: number
  readonly isDecided: boolean
}

export interface Agreement {
  /** Whether the other engines must be notified. */
  readonly isNews: (trust: Trust) => boolean
  /** Evaluates the stored text. Undefined if it is not newer than the known agreement. */
  readonly hear: (text: string | undefined, present: () => Present) => Heard | undefined
  /** Durable when it returns. Calls `then` unless a newer agreement was read in between. */
  readonly write: (news: News, then: () => void) => Effect.Effect<void, StoreConflict | StoreFailure>
  readonly read: Effect.Effect<string | undefined, StoreFailure>
  readonly saveMark: (mark: Unplaced) => Effect.Effect<void, StoreFailure>
}

/** A mark without its agreement. */
export type Unplaced = Omit<Mark, "serial" | "boot"> & { readonly boot: string | undefined }

interface Held {
  readonly agreed: Agreed
  readonly text: string
}

const placed = ({ isDecided, trust, wall }: News, before: Agreed | undefined, isGuess = false): Held => {
  const { elapsed: _elapsed, ...kept } = trust
  const serial = (before?.serial ?? 0) + 1
  const agreed = { ...kept, serial, decided: isDecided ? serial : (before?.decided ?? 0), isGuess, wall }
  return { agreed, text: encodeAgreed(agreed) }
}

/** The time since the steady counter showed `since`, including suspension of the machine after the last look. */
const agoOf = ({ steadyMillis }: Looks, since: number, elapsed: number, { lookedAt, trust }: Present): number => {
  const steady = steadyMillis()
  const asleep = Math.max(0, elapsed - trust.elapsed - (steady - lookedAt))
  return steady - since + asleep
}

/** Saves the last mark of any machine, and at intervals a mark that other machines do not replace. */
const markSaver = (store: Store["Service"], looks: Looks) => {
  let own = { serial: 0, at: Number.NEGATIVE_INFINITY }
  return ({ boot, ...mark }: Unplaced, serial: number): Effect.Effect<void, StoreFailure> =>
    Effect.gen(function* () {
      yield* store.setMeta(markName, encodeSaved({ ...mark, boot, serial }))
      const at = looks.steadyMillis()
      if (boot === undefined || (own.serial === serial && at - own.at < ownMarkMillis)) return
      const placedMark = { ...mark, boot, serial }
      yield* store.editMeta(marksName, (text) => ({
        to: encodeMarks({ ...decodeMarks(text), [boot]: placedMark }),
        answer: undefined
      }))
      own = { serial, at }
    })
}

const agreementFrom = (store: Store["Service"], looks: Looks, first: Held): Agreement => {
  let held = first
  /** The steady counter when the store last confirmed the agreement held here. */
  let confirmedAt = looks.steadyMillis()
  let mustTell = false
  const saveMark = markSaver(store, looks)
  const take = (next: Held): void => {
    held = next
    confirmedAt = looks.steadyMillis()
    mustTell = false
  }
  const hear: Agreement["hear"] = (text, present) => {
    if (text === held.text) {
      confirmedAt = looks.steadyMillis()
      return undefined
    }
    const agreed = decodeAgreed(text)
    if (text === undefined || agreed === undefined || agreed.serial <= held.agreed.serial) return undefined
    const known = present()
    const found = looks.look()
    const theirs = adopted(agreed, found, agoOf(looks, confirmedAt, found.elapsed, known))
    const served = { mine: trustedAt(known.trust, found.elapsed), theirs: trustedAt(theirs, found.elapsed) }
    const before = held.agreed
    take({ agreed, text })
    if (!knowsBetter(before, agreed, served)) return { trust: theirs, isDecided: agreed.decided > before.serial }
    mustTell = corrects(known.trust, agreed, served)
    return { trust: undefined, isDecided: false }
  }
  return {
    hear,
    isNews: (trust) => mustTell || differs(held.agreed, trust),
    write: (news, then) =>
      Effect.suspend(() => {
        const next = placed(news, held.agreed)
        return Effect.tap(store.moveMeta({ name: clockPositionName, from: held.text, to: next.text }), () =>
          Effect.sync(() => {
            if (held.agreed.serial > next.agreed.serial) return
            take(next)
            then()
          })
        )
      }),
    read: store.meta(clockPositionName),
    saveMark: (mark) => Effect.suspend(() => saveMark(mark, held.agreed.serial))
  }
}

/** The data that earlier runs left. */
const foundIn = (store: Store["Service"], boot: string | undefined) =>
  orUnusable(
    Effect.gen(function* () {
      const text = yield* store.meta(clockPositionName)
      const last = decodeSaved({ mark: yield* store.meta(markName), doubt: yield* store.meta(doubtName) })
      const marks = decodeMarks(yield* store.meta(marksName))
      return { text, agreed: decodeAgreed(text), last, own: boot === undefined ? undefined : marks[boot] }
    })
  )

/** The first look of a run. `agreed` is undefined if no engine shared the store. */
const startFrom = (agreed: Agreed | undefined, found: Found, now: Resumed): Start => {
  if (agreed !== undefined) return resumeAgreed(agreed, found, now)
  const { last } = found
  const trust = last === undefined ? adopt(now) : resume(last, now)
  return { trust, at: last?.at ?? 0, isGuess: false, isNews: true }
}

/** A real clock with the data of earlier runs. */
export interface OpenedClock {
  readonly trust: Trust
  /** The latest time that was served or written. */
  readonly highWater: number
  /** Undefined if this engine has the store to itself. */
  readonly agreement: Agreement | undefined
}

/** Other engines may write while this one starts. */
const startsMax = 16

const restless = () =>
  new StoreUnusable({
    message: "Other servers changed the store's clock at every attempt to start. Start this one again."
  })

const openShared = Effect.fnUntraced(function* (store: Store["Service"], looks: Looks) {
  for (let tries = 1; ; tries++) {
    const found = yield* foundIn(store, looks.uptime.boot)
    const recorded = yield* newestInstant
    const now = firstLook(looks, recorded)
    const { at, isGuess, isNews, trust } = startFrom(found.agreed, found, now)
    const news = { trust, wall: now.wall, isDecided: false }
    const next = isNews || found.agreed === undefined ? placed(news, found.agreed, isGuess) : undefined
    const held = next ?? { agreed: found.agreed, text: found.text }
    if (held.agreed === undefined || held.text === undefined) continue
    const isHeld =
      next === undefined ||
      (yield* store.moveMeta({ name: clockPositionName, from: found.text, to: next.text }).pipe(
        Effect.as(true),
        Effect.catchTag("StoreConflict", () => (tries < startsMax ? Effect.succeed(false) : Effect.fail(restless()))),
        orUnusable
      ))
    if (!isHeld) continue
    const agreement = agreementFrom(store, looks, { agreed: held.agreed, text: held.text })
    return { trust, highWater: Math.max(at, recorded ?? 0), agreement } satisfies OpenedClock
  }
})

/** Deletes the agreement of engines that shared the store earlier: it no longer applies. */
const forgetAgreement = (store: Store["Service"]) =>
  orUnusable(Effect.andThen(store.setMeta(marksName, "{}"), store.setMeta(clockPositionName, "")))

const openAlone = Effect.fnUntraced(function* (store: Store["Service"], looks: Looks) {
  const found = yield* foundIn(store, looks.uptime.boot)
  const recorded = yield* newestInstant
  const { at, trust } = startFrom(found.agreed, found, firstLook(looks, recorded))
  if (found.agreed !== undefined) yield* forgetAgreement(store)
  return { trust, highWater: Math.max(at, recorded ?? 0), agreement: undefined } satisfies OpenedClock
})

/** Continues from the data of earlier runs, and agrees with the engines that share the store. */
export const openClock = (looks: Looks): Effect.Effect<OpenedClock, StoreUnusable, Store> =>
  Effect.flatMap(Store, (store) =>
    Effect.suspend((): Effect.Effect<OpenedClock, StoreUnusable, Store> =>
      store.shared === undefined ? openAlone(store, looks) : openShared(store, looks)
    )
  )
