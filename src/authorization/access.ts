/** May this caller do this to that resource? The caller's policies are asked, as they are now. */
import { Context, Layer } from "effect"
import type { Caller } from "./caller.ts"
import type { Ruling } from "./evaluate.ts"

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
}

export class Access extends Context.Service<Access, { readonly rule: (wanted: Wanted) => Ruling }>()(
  "keystate/authorization/Access"
) {
  static readonly layer = Layer.succeed(Access, { rule: () => ({ effect: "Implicit" }) })
}
