/** Certificate signing requests, read and verified by OpenSSL. */
import { execFileSync, spawnSync } from "node:child_process"
import { Effect, ManagedRuntime } from "effect"
import { describe, expect, it } from "vitest"
import { Dispatch } from "../../src/requests/dispatch.ts"
import { certificateRequest } from "../../src/certificate/certificateRequest.ts"
import { parseDistinguishedName } from "../../src/certificate/distinguishedName.ts"
import type { SignatureAlgorithm } from "../../src/domain/algorithms.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { chance, rowA as row } from "../crypto/material.ts"
import { both } from "../crypto/providers.ts"
import { startServer } from "../guide/serverFixture.ts"
import { form, post } from "../server/signed.ts"

const openssl = (request: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("openssl", ["req", ...args], { input: request, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] })

/** OpenSSL reports on stderr, and may exit with 0 after a failure. */
const isVerified = (request: string, ...args: ReadonlyArray<string>): boolean =>
  /verify OK/.test(
    spawnSync("openssl", ["req", "-verify", "-noout", ...args], { input: request, encoding: "utf8" }).stderr
  )

/** GM/T 0009's identifier; without it OpenSSL uses an empty one. */
const sm2Identifier = ["-vfyopt", "distid:1234567812345678"]

type KeySpec = NonNullable<NonNullable<Parameters<PromiseKms["createKey"]>[0]>["KeySpec"]>

/** A key that signs, and its one version. */
const signingKey = async (kms: PromiseKms, KeySpec: KeySpec) => {
  const { KeyId } = (await kms.createKey({ KeySpec, KeyUsage: "SIGN/VERIFY" })).KeyMetadata
  const [version] = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion
  return { KeyId, KeyVersionId: version?.KeyVersionId ?? "" }
}

const refusal = async (call: Promise<unknown>) => {
  const error: unknown = await call.catch((error: unknown) => error)
  if (!isKmsError(error)) throw new Error("the call was expected to be refused")
  return [error.code, error.parameter]
}

type Reply = Readonly<Record<string, unknown>>

/** The members of a reply with these names. */
const at = (reply: Reply, ...names: ReadonlyArray<string>): unknown =>
  names.reduce<unknown>(
    (found, name) => (Object(found) === found ? Reflect.get(Object(found), name) : undefined),
    reply
  )

const Subject = "CN=example.com,O=Acme,C=CN"

/** Changes the last byte before the closing line, so the signature is wrong. */
const spoilt = (request: string): string => {
  const [head = "", body = "", tail = ""] = request.split(/(?<=REQUEST-----\n)|(?=-----END)/)
  const der = Buffer.from(body, "base64")
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
  return head + der.toString("base64").replaceAll(/.{64}/g, "$&\n") + "\n" + tail
}

describe("a certificate signing request", () => {
  const cases: ReadonlyArray<readonly [KeySpec, SignatureAlgorithm | undefined, string]> = [
    ["RSA_2048", undefined, "sha256WithRSAEncryption"],
    ["RSA_2048", "RSA_PKCS1_SHA_256", "sha256WithRSAEncryption"],
    ["RSA_2048", "RSA_PSS_SHA_256", "rsassaPss"],
    ["EC_P256", undefined, "ecdsa-with-SHA256"],
    ["EC_P256K", "ECDSA_SHA_256", "ecdsa-with-SHA256"]
  ]

  it.each(cases)(
    "OpenSSL verifies a certificate request of a key %s signed by %s, and refuses a changed one",
    async (spec, Algorithm, as) => {
      await using kms = await createKms({ clock: "virtual", crypto: "portable" })
      const key = await signingKey(kms, spec)
      const { Csr, KeyId, KeyVersionId } = await kms.createCertificateSigningRequest({ ...key, Subject, Algorithm })
      expect({ KeyId, KeyVersionId }).toEqual(key)
      expect([isVerified(Csr), isVerified(spoilt(Csr))]).toEqual([true, false])
      expect(openssl(Csr, "-text", "-noout")).toContain(`Signature Algorithm: ${as}`)
      const { PublicKey } = await kms.getPublicKey(key)
      expect(openssl(Csr, "-pubkey", "-noout")).toBe(PublicKey)
    }
  )

  it("a certificate request has the parameters of RSA-PSS", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const key = await signingKey(kms, "RSA_2048")
    const Algorithm = "RSA_PSS_SHA_256"
    const { Csr } = await kms.createCertificateSigningRequest({ ...key, Subject, Algorithm })
    const text = openssl(Csr, "-text", "-noout")
    for (const line of ["Hash Algorithm: sha256", "Mask Algorithm: mgf1 with sha256", "Salt Length: 0x20"]) {
      expect(text).toContain(line)
    }
  })

  it.each(both)(
    "a certificate request of an SM2 key of the $name provider is verified with the standard's identifier",
    async (kind) => {
      const randomness = chance("certificates")
      const rootKey = kind.makeRootKey({ bytes: randomness.bytes(32), randomness })
      const provider = kind.makeProvider({ randomness, rootKey })
      const spec = "EC_SM2"
      const stored = await Effect.runPromise(provider.generate({ row, spec }))
      const handle = await Effect.runPromise(provider.open({ row, spec, stored }))
      const { publicKey } = stored
      const subject = parseDistinguishedName(Subject)
      if (publicKey === undefined || subject === undefined) throw new Error("there is a public key and a subject")
      const unsigned = certificateRequest({ subject, alternativeNames: [], publicKey })
      const digest = unsigned.digest("SM2DSA")
      const signature = await Effect.runPromise(provider.sign({ handle, algorithm: "SM2DSA", digest }))
      const request = unsigned.signed("SM2DSA", signature)
      expect([isVerified(request, ...sm2Identifier), isVerified(spoilt(request), ...sm2Identifier)]).toEqual([
        true,
        false
      ])
      expect(openssl(request, "-text", "-noout")).toContain("Signature Algorithm: SM2-with-SM3")
    }
  )

  it("a certificate request has the subject as given, also in OpenSSL's form", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const key = await signingKey(kms, "EC_P256")
    const subjectOf = async (text: string): Promise<string> => {
      const { Csr } = await kms.createCertificateSigningRequest({ ...key, Subject: text })
      expect(isVerified(Csr)).toBe(true)
      return openssl(Csr, "-subject", "-noout", "-nameopt", "RFC2253,-esc_msb,utf8").replace(/^subject=(.*)\n$/, "$1")
    }
    for (const text of [
      "CN=example.com,OU=One,OU=Two,O=Acme\\, Inc.,L=Hangzhou,ST=Zhejiang,C=CN",
      'CN=例え,O=Zoë \\+ Søn \\"\\\\\\<\\>\\;',
      "UID=7,DC=example,DC=com",
      "CN=\\#1\\ "
    ]) {
      expect(await subjectOf(text)).toBe(text)
    }
    expect(await subjectOf("cn = example.com , o=Acme\\2C Inc.")).toBe("CN=example.com,O=Acme\\, Inc.")
    // Parts of one level are in DER's order, independent of the input.
    expect(await subjectOf("CN=a+UID=7,C=CN")).toBe(await subjectOf("UID=7+CN=a,C=CN"))
  })

  it("a certificate request has alternative names of every kind, and no attribute without them", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const key = await signingKey(kms, "EC_P256")
    const SubjectAlternativeNames = ["example.com", "*.example.com", "192.0.2.1", "2001:db8::1", "a@example.com"]
    const { Csr } = await kms.createCertificateSigningRequest({ ...key, Subject, SubjectAlternativeNames })
    expect(isVerified(Csr)).toBe(true)
    expect(openssl(Csr, "-text", "-noout")).toContain(
      "DNS:example.com, DNS:*.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@example.com"
    )
    const bare = await kms.createCertificateSigningRequest({ ...key, Subject })
    expect(openssl(bare.Csr, "-text", "-noout")).toMatch(/Attributes:\s+\(none\)/)
  })
})

describe("refused certificate requests", () => {
  it("CreateCertificateSigningRequest names the wrong parameter in its refusal", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const key = await signingKey(kms, "EC_P256")
    const ask = (wrong: object) => refusal(kms.createCertificateSigningRequest({ ...key, Subject, ...wrong }))
    expect(await ask({ Subject: "example.com" })).toEqual(["InvalidParameter", "Subject"])
    expect(await ask({ Subject: "C=CHN" })).toEqual(["InvalidParameter", "Subject"])
    expect(await ask({ Subject: undefined })).toEqual(["MissingParameter", "Subject"])
    expect(await ask({ SubjectAlternativeNames: ["a b"] })).toEqual(["InvalidParameter", "SubjectAlternativeNames"])
    expect(await ask({ Algorithm: "RSA_PKCS1_SHA_256" })).toEqual(["InvalidParameter", "Algorithm"])
    expect(await ask({ KeyVersionId: key.KeyId })).toEqual(["Forbidden.KeyVersionNotFound", undefined])
    expect(await ask({ KeyId: "alias/none" })).toEqual(["Forbidden.AliasNotFound", undefined])
  })

  it("CreateCertificateSigningRequest refuses a key that is disabled, for encryption, or symmetric", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const key = await signingKey(kms, "EC_P256")
    await kms.disableKey({ KeyId: key.KeyId })
    const ask = (KeyId: string) => refusal(kms.createCertificateSigningRequest({ ...key, KeyId, Subject }))
    expect(await ask(key.KeyId)).toEqual(["Rejected.Disabled", undefined])
    const symmetric = (await kms.createKey()).KeyMetadata.KeyId
    expect(await ask(symmetric)).toEqual(["UnsupportedOperation", undefined])
    const encrypting = (await kms.createKey({ KeySpec: "RSA_2048" })).KeyMetadata.KeyId
    expect(await ask(encrypting)).toEqual(["UnsupportedOperation", undefined])
  })

  it("CreateCertificateSigningRequest checks the permission before looking up the key", async () => {
    const runtime = ManagedRuntime.make(engineLayer(optionsOf("memory", { clock: "virtual" })))
    const { account, region } = optionsOf("memory", {}).realm
    const KeyId = "00000000-0000-4000-8000-000000000000"
    const asked = {
      operation: "CreateCertificateSigningRequest",
      source: fromObject({ KeyId, KeyVersionId: KeyId, Subject }),
      caller: { kind: "user", account, name: "nobody", userId: "2" },
      realm: { account, region },
      requestId: "one"
    } as const
    const error = await runtime.runPromise(Effect.flip(Effect.flatMap(Dispatch, ({ ask }) => ask(asked))))
    await runtime.dispose()
    expect(error.code).toBe("Forbidden.NoPermission")
  })

  it("CreateCertificateSigningRequest over HTTP accepts aliases and numbered names, and raises alarms like a signature", async () => {
    await using server = await startServer({ clock: "virtual" })
    const ask = async (action: string, parameters: Readonly<Record<string, string>>): Promise<Reply> =>
      (await post(server.url, form(action, parameters))).body
    const made = await ask("CreateKey", { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
    const KeyId = String(at(made, "KeyMetadata", "KeyId"))
    await ask("CreateAlias", { AliasName: "alias/tls", KeyId })
    const versions = await ask("ListKeyVersions", { KeyId })
    const request = {
      KeyId: "alias/tls",
      KeyVersionId: String(at(versions, "KeyVersions", "KeyVersion", "0", "KeyVersionId")),
      Subject,
      "SubjectAlternativeNames.1": "example.com",
      "SubjectAlternativeNames.2": "192.0.2.1"
    }
    const answered = await ask("CreateCertificateSigningRequest", request)
    expect(answered).toMatchObject({ KeyId })
    expect(isVerified(String(answered["Csr"]))).toBe(true)
    expect(openssl(String(answered["Csr"]), "-text", "-noout")).toContain("DNS:example.com, IP Address:192.0.2.1")
    await ask("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })
    // The alias still refers to the key.
    expect(await ask("CreateCertificateSigningRequest", request)).toMatchObject({ Code: "Rejected.PendingDeletion" })
    const alarms = await ask("ListAuditRecords", { AlarmsOnly: "true" })
    expect(at(alarms, "Records", "Record", "0")).toMatchObject({
      Operation: "CreateCertificateSigningRequest",
      KeyId
    })
  })
})
