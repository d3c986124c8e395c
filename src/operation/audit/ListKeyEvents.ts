/** Keystate's own: what has happened to a CMK since it was made, from its journal; to a deleted one too (decision 24). */
import { Effect } from "effect"
import { keyEventsPage } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import type { HashedEntry } from "../../records/rows.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { defaulted, integer } from "../parameters.ts"

const eventReply = ({ seq, at, principal, requestId, payload, hash }: HashedEntry) => ({
  Seq: seq,
  Time: formatInstant(at),
  At: at,
  Type: payload.type === "Event" ? payload.event.type : payload.type,
  Principal: principal,
  RequestId: requestId,
  Payload: JSON.stringify(payload),
  Hash: hash
})

export const ListKeyEvents = keyOperation({
  about:
    "Lists what has happened to a CMK, oldest first: every change of its state, its deadlines, its names. That of a deleted CMK too, by its id or ARN.",
  errors: ["Forbidden.KeyNotFound", "Forbidden.AliasNotFound"],
  Request: {
    KeyId: keyIdOrAlias,
    AfterSeq: defaulted(
      integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      0,
      "The event to go on from; 0 for the beginning."
    ),
    Limit: defaulted(integer(keyEventsPage), keyEventsPage.default, "Events to answer with at most.")
  },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* ({ AfterSeq, Limit }, { world }, key) {
    const { keyId } = key
    const entries = yield* world.store.journal({ keyId, afterSeq: AfterSeq, limit: Limit })
    return { KeyId: keyId, LastSeq: key.snapshot().context.epoch, Events: { Event: entries.map(eventReply) } }
  })
})
