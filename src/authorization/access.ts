/** May this caller do this to that resource? The caller's policies are asked, as they are now. */
import { Clock, Context, Effect, Layer } from "effect"
import { principalArn } from "./caller.ts"
import type { Caller } from "./caller.ts"
import { evaluate, evaluateWithSession, sessionPolicyName } from "./evaluate.ts"
import type { Ruling } from "./evaluate.ts"
import { Ram } from "./ram.ts"
import type { Book } from "./ramBook.ts"

/** How a request came in: what policies may ask of it. */
export interface Circumstances {
  readonly sourceIp: string | undefined
  readonly secureTransport: boolean
}

export interface Wanted {
  readonly caller: Caller
  readonly action: string
  /** ARN. */
  readonly resource: string
  readonly circumstances: Circumstances | undefined
  /** Tags of the key concerned, if there is one. */
  readonly tags: Readonly<Record<string, string>> | undefined
  /** Tags that the request puts on a key. */
  readonly requestTags?: Readonly<Record<string, string>> | undefined
}

export class Access extends Context.Service<
  Access,
  {
    readonly rule: (wanted: Wanted) => Ruling
    /** Whether the caller is still there: a user or a role may be deleted while its credentials are in use. */
    readonly stands: (caller: Caller) => boolean
  }
>()("keystate/authorization/Access") {
  static readonly layer: Layer.Layer<Access, never, Ram> = Layer.effect(
    Access,
    Effect.gen(function* () {
      const { book } = yield* Ram
      const wall = yield* Clock.Clock
      return {
        stands: (caller) => attachedTo(book, caller) !== undefined,
        rule: ({ caller, action, resource, circumstances, tags, requestTags }) => {
          const attached = attachedTo(book, caller)
          if (attached === undefined) return { effect: "Implicit" }
          const attributes = {
            currentTimeMillis: wall.currentTimeMillisUnsafe(),
            secureTransport: circumstances?.secureTransport ?? false,
            sourceIp: circumstances?.sourceIp,
            mfaPresent: undefined,
            tags: new Map(Object.entries(tags ?? {})),
            requestTags: new Map(Object.entries(requestTags ?? {})),
            principalArn: principalArn(caller)
          }
          const policies = book.named(caller.account, attached)
          const question = { action, resource, attributes }
          if (caller.kind !== "role" || caller.sessionPolicy === undefined) return evaluate(policies, question)
          return evaluateWithSession(policies, { name: sessionPolicyName, policy: caller.sessionPolicy }, question)
        }
      }
    })
  )
}

/** Names of the caller's policies; undefined if the caller is gone. A root has none and needs none. */
const attachedTo = (book: Book, caller: Caller): ReadonlyArray<string> | undefined => {
  switch (caller.kind) {
    case "root":
      return []
    case "user":
      return book.shelf(caller.account).users.get(caller.name)?.is.policies
    case "role": {
      const role = book.shelf(caller.account).roles.get(caller.name)
      return role?.is.id === caller.roleId ? role.is.policies : undefined
    }
    default:
      return caller satisfies never
  }
}
