/** Another adapter's service, asked for keys of one protection level: the laws are the same for a token's keys. */
import type { KmsAdapter } from "./adapter.ts"

/** The protection level of a key. */
export type ProtectionLevel = "SOFTWARE" | "HSM"

/** Kinds of key that come at one level only keep theirs. */
export const atLevel = (adapter: KmsAdapter, level: ProtectionLevel): KmsAdapter => ({
  ...adapter,
  name: `${adapter.name}, keys of level ${level}`,
  capabilities: { ...adapter.capabilities, level },
  call: (operation, request, ...caller) =>
    adapter.call(operation, operation === "CreateKey" ? { ProtectionLevel: level, ...request } : request, ...caller)
})
