/** The kinds of key that the suite creates, and the parameters of CreateKey for each. */
import type { CmkIdentity } from "../../../machines/cmk.ts"
import type { Profile } from "../adapters/adapter.ts"

export interface Kind {
  readonly identity: CmkIdentity
  readonly profile: Profile
  /** Parameters of CreateKey. */
  readonly request: Readonly<Record<string, string>>
  readonly signs?: string
  readonly encrypts?: string
  /** Creating such a key is so slow that keys of this kind are reused, and used rarely in random sequences. */
  readonly costly?: true
  /** Creating such a key is slow, so keys of this kind are reused. */
  readonly kept?: true
}

const symmetric: CmkIdentity = {
  origin: "Aliyun_KMS",
  kind: "symmetric",
  spec: "Aliyun_AES_256",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  serviceKey: false
}
const pair = (
  spec: string,
  usage: CmkIdentity["usage"],
  protection: CmkIdentity["protection"] = "SOFTWARE"
): CmkIdentity => ({
  origin: "Aliyun_KMS",
  kind: "asymmetric",
  spec,
  usage,
  protection,
  serviceKey: false
})
const asked = ({ spec, usage, protection }: CmkIdentity): Readonly<Record<string, string>> => ({
  KeySpec: spec,
  KeyUsage: usage,
  ...(protection === "HSM" ? { ProtectionLevel: protection } : {})
})
const signer = (spec: string, algorithm: string, more: Partial<Kind> = {}): Kind => {
  const identity = pair(spec, "SIGN/VERIFY", more.profile === "sm" ? "HSM" : "SOFTWARE")
  return { identity, profile: "asymmetric", request: asked(identity), signs: algorithm, ...more }
}
const sealer = (spec: string, algorithm: string, more: Partial<Kind> = {}): Kind => {
  const identity = pair(spec, "ENCRYPT/DECRYPT", more.profile === "sm" ? "HSM" : "SOFTWARE")
  return { identity, profile: "asymmetric", request: asked(identity), encrypts: algorithm, ...more }
}
const sm4: CmkIdentity = { ...symmetric, spec: "Aliyun_SM4", protection: "HSM" }

export const kinds: Readonly<Record<string, Kind>> = {
  symmetric: { identity: symmetric, profile: "core", request: {}, kept: true },
  external: {
    identity: { ...symmetric, origin: "EXTERNAL" },
    profile: "import",
    request: { Origin: "EXTERNAL" },
    costly: true
  },
  "RSA_2048 encrypt": sealer("RSA_2048", "RSAES_OAEP_SHA_256", { costly: true }),
  "RSA_2048 sign": signer("RSA_2048", "RSA_PSS_SHA_256", { costly: true }),
  EC_P256: signer("EC_P256", "ECDSA_SHA_256", { kept: true }),
  EC_P256K: signer("EC_P256K", "ECDSA_SHA_256", { kept: true }),
  "RSA_3072 encrypt": sealer("RSA_3072", "RSAES_OAEP_SHA_1", { costly: true }),
  "RSA_3072 sign": signer("RSA_3072", "RSA_PKCS1_SHA_256", { costly: true }),
  Aliyun_SM4: {
    identity: sm4,
    profile: "sm",
    request: { KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" },
    costly: true
  },
  "EC_SM2 encrypt": sealer("EC_SM2", "SM2PKE", { profile: "sm", costly: true }),
  "EC_SM2 sign": signer("EC_SM2", "SM2DSA", { profile: "sm", costly: true }),
  service: { identity: { ...symmetric, serviceKey: true }, profile: "service", request: {} }
}

export const kindOf = (name: string): Kind => {
  const kind = kinds[name]
  if (kind === undefined) throw new Error(`no kind of key is called ${name}`)
  return kind
}
