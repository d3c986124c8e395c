/** An operation of Keystate only: lists the events of a CMK from its journal, also of a deleted one (decision 24). */
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
    "Lists the events of a CMK, oldest first: changes of its state, deadlines and names. Also those of a deleted CMK, by its id or ARN.",
  errors: ["Forbidden.KeyNotFound", "Forbidden.AliasNotFound"],
  Request: {
    KeyId: keyIdOrAlias,
    AfterSeq: defaulted(
      integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      0,
      "The event to continue from; 0 for the beginning."
    ),
    Limit: defaulted(integer(keyEventsPage), keyEventsPage.default, "The most events to return.")
  },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* ({ AfterSeq, Limit }, { services }, key) {
    const { keyId } = key
    const entries = yield* services.store.journal({ keyId, afterSeq: AfterSeq, limit: Limit })
    return { KeyId: keyId, LastSeq: key.snapshot().context.epoch, Events: { Event: entries.map(eventReply) } }
  })
})
