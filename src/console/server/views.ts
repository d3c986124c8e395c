/** What the console's pages are told about the clock, the session and all keys at once. */
import { Effect } from "effect"
import type { KeyDirectory } from "../../actor/keyDirectory.ts"
import { callerArn } from "../../authorization/caller.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { AccountId, RegionId } from "../../domain/ids.ts"
import { regions } from "../../domain/regions.ts"
import { rootRefusal } from "../../requests/rootOnly.ts"
import type { LifecycleClock } from "../../timers/clock.ts"
import type { ClockView, SessionView, Snapshot } from "../protocol.ts"
import { refusalOf } from "./asker.ts"
import type { Asker } from "./asker.ts"
import type { Feeds } from "./feed.ts"
import { everyRow } from "./rows.ts"
import type { Session, Sessions } from "./sessions.ts"

export interface Viewed {
  readonly lifecycleClock: LifecycleClock["Service"]
  readonly sessions: Sessions["Service"]
  readonly deletionWindowMax: number
  readonly directory: KeyDirectory["Service"]
  readonly feeds: Feeds
  readonly serverAccount: AccountId
  /** The region of the server, which a page shows first. */
  readonly region: RegionId
}

export const clockView = ({ lifecycleClock }: Pick<Viewed, "lifecycleClock">): ClockView => {
  const state = lifecycleClock.state()
  const doubt = lifecycleClock.doubt()
  return {
    kind: state.kind,
    mode: state.kind === "virtual" ? state.mode : "running",
    now: state.now,
    ...(doubt === undefined ? {} : { doubt: { direction: doubt.direction, from: doubt.from, to: doubt.to } })
  }
}

export const sessionView = (viewed: Viewed, session: Session): SessionView => ({
  principal: callerArn(session.caller),
  kind: session.caller.kind,
  account: session.caller.account,
  administersServer: rootRefusal("server-root", session.caller, viewed.serverAccount) === undefined,
  deletionWindowMax: viewed.deletionWindowMax,
  region: viewed.region,
  regions,
  expiresAt: viewed.sessions.endsAt(session),
  clock: clockView(viewed)
})

/** The feed's place is read first: a change that comes between the two reads is sent again, and no change is missed. */
export const snapshotFor = (viewed: Viewed, asker: Asker): Effect.Effect<Snapshot, AnyKmsError> =>
  Effect.flatMap(viewed.feeds.of(asker.realm.account).at, (at) =>
    everyRow(asker, viewed.directory).pipe(
      Effect.map((keys): Snapshot => ({ at, keys, clock: clockView(viewed) })),
      Effect.catch((error: AnyKmsError) =>
        Effect.succeed<Snapshot>({ at, keys: [], refused: refusalOf(error), clock: clockView(viewed) })
      )
    )
  )
