/** The clock, the session and the event stream, as the console's pages get them. */
import { Effect } from "effect"
import { callerArn } from "../../authorization/caller.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { AccountId, RegionId } from "../../domain/ids.ts"
import { regions } from "../../domain/regions.ts"
import { rootRefusal } from "../../requests/rootOnly.ts"
import type { LifecycleClock } from "../../timers/clock.ts"
import type { ClockView, SessionView, Snapshot } from "../protocol.ts"
import type { Asker } from "./asker.ts"
import type { Feeds } from "./feed.ts"
import type { Listing } from "./keyList.ts"
import type { Session, Sessions } from "./sessions.ts"

export interface Viewed extends Listing {
  readonly lifecycleClock: LifecycleClock["Service"]
  readonly sessions: Sessions["Service"]
  readonly deletionWindowMax: number
  readonly feeds: Feeds
  readonly serverAccount: AccountId
  /** The server's region, which a page shows first. */
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

export const snapshotFor = (viewed: Viewed, asker: Asker): Effect.Effect<Snapshot, AnyKmsError> =>
  Effect.map(viewed.feeds.of(asker.realm.account).at, (at) => ({ at, clock: clockView(viewed) }))
