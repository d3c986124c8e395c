/** What a step sent and received, in the terms of the API of the service. */
import type { NativeCall } from "../adapters/adapter.ts"

interface Exchanged {
  readonly operation: string
  readonly request: Readonly<Record<string, unknown>>
  readonly answer: unknown
  readonly native?: ReadonlyArray<NativeCall>
}

/** The calls of an adapter of another API; otherwise the operation of the suite itself. */
export const exchangesOf = ({ operation, request, answer, native = [] }: Exchanged): ReadonlyArray<NativeCall> =>
  native.length > 0 ? native : [{ call: operation, request, reply: answer }]
