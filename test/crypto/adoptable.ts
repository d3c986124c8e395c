/** Private keys that the openssl command made, with what must not be adopted in their place. */
import { execFileSync } from "node:child_process"
import type { KeySpec } from "../../src/domain/keySpec.ts"

export const openssl = (args: ReadonlyArray<string>, input: Uint8Array = new Uint8Array(0)): Uint8Array =>
  new Uint8Array(execFileSync("openssl", args, { input, stdio: ["pipe", "pipe", "ignore"] }))

const curveNames: ReadonlyMap<KeySpec, string> = new Map([
  ["EC_P256", "P-256"],
  ["EC_P256K", "secp256k1"],
  ["EC_SM2", "SM2"]
])

const made = (spec: KeySpec): Uint8Array => {
  const curve = curveNames.get(spec)
  const rsaBits = spec === "RSA_3072" ? 3072 : 2048
  const algorithm =
    curve === undefined
      ? ["-algorithm", "RSA", "-pkeyopt", `rsa_keygen_bits:${rsaBits}`]
      : ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`]
  return openssl(["genpkey", ...algorithm, "-outform", "DER"])
}

const kept = new Map<KeySpec, Uint8Array>()

/** One key of each spec is enough for a process: they take a while. */
const keyOf = (spec: KeySpec): Uint8Array => {
  const key =
    kept.get(spec) ?? openssl(["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"], made(spec))
  kept.set(spec, key)
  return key
}

/** PKCS#8 of a key, its public key, and private keys of every other spec. */
export const adoptable = (spec: KeySpec) => {
  const pkcs8 = keyOf(spec)
  const spki = openssl(["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], pkcs8)
  const otherSpecs = (["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K", "EC_SM2"] as const).filter((s) => s !== spec)
  return { pkcs8, spki, others: otherSpecs.map(keyOf) }
}
