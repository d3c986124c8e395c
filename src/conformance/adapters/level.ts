/** Another adapter's service, with keys of one protection level: a token's keys obey the same laws. */
import type { KmsAdapter } from "./adapter.ts"

/** The protection level of a key. */
export type ProtectionLevel = "SOFTWARE" | "HSM"

/** Kinds of key that exist at one level only keep that level. */
export const atLevel = (adapter: KmsAdapter, level: ProtectionLevel): KmsAdapter => ({
  ...adapter,
  name: `${adapter.name}, keys of level ${level}`,
  capabilities: { ...adapter.capabilities, level },
  call: (operation, request, ...caller) =>
    adapter.call(operation, operation === "CreateKey" ? { ProtectionLevel: level, ...request } : request, ...caller)
})
