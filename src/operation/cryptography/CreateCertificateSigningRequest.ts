/** An operation of Keystate only: a certificate signing request for an asymmetric version (user guide 5.1). */
import { Effect, Result } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { specOf } from "../../actor/handles.ts"
import { alternativeNameFault, parseAlternativeName } from "../../certificate/alternativeName.ts"
import type { AlternativeName } from "../../certificate/alternativeName.ts"
import { parseDistinguishedName, readDistinguishedName } from "../../certificate/distinguishedName.ts"
import type { DistinguishedName } from "../../certificate/distinguishedName.ts"
import { SignatureAlgorithm, usualSignatureAlgorithmOf } from "../../domain/algorithms.ts"
import { alternativeNameCharsMax, alternativeNamesMax, subjectCharsMax } from "../../domain/limits.ts"
import { takesSignatureAlgorithm, useVersion } from "./asymmetric.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyVersionId, versionOf } from "../versions/keyVersions.ts"
import { operation } from "../operation.ts"
import {
  list,
  oneOf,
  optional,
  required,
  text,
  textFault,
  wireBytesPerAsciiChar,
  wireBytesPerChar
} from "../parameters.ts"
import type { Kind } from "../parameters.ts"

const subjectText = text({ charsMax: subjectCharsMax })
const subject: Kind<string, DistinguishedName> = {
  read: (given) => {
    const read = subjectText.read(given)
    return read === undefined ? undefined : parseDistinguishedName(read)
  },
  form: "a distinguished name by RFC 4514, such as `CN=example.com,O=Acme,C=CN`",
  fault: (given) => {
    const fault = textFault(given, { charsMax: subjectCharsMax })
    if (fault !== undefined) return fault
    const read = readDistinguishedName(String(given))
    return Result.isFailure(read) ? read.failure : undefined
  },
  wireBytesMax: subjectCharsMax * wireBytesPerChar
}

const nameText = text({ charsMax: alternativeNameCharsMax })
const alternativeName: Kind<string, AlternativeName> = {
  read: (given) => {
    const read = nameText.read(given)
    return read === undefined ? undefined : parseAlternativeName(read)
  },
  form: "a DNS name, an IP address or an e-mail address",
  fault: (given) => textFault(given, { charsMax: alternativeNameCharsMax }) ?? alternativeNameFault(String(given)),
  wireBytesMax: alternativeNameCharsMax * wireBytesPerAsciiChar
}

/** The code that writes ASN.1 is loaded with the first request. */
const writer = Effect.promise(() => import("../../certificate/certificateRequest.ts"))

export const CreateCertificateSigningRequest = operation({
  about: "Makes a certificate signing request (PKCS #10, PEM) for a version of an asymmetric CMK, signed by it.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.AsymmetricSign, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: {
    KeyId: keyIdOrAlias,
    KeyVersionId: keyVersionId,
    Subject: required(subject, "The subject of the certificate."),
    SubjectAlternativeNames: optional(
      list(alternativeName, { itemsMax: alternativeNamesMax }),
      "Further DNS names, IP addresses and e-mail addresses of the certificate."
    ),
    Algorithm: optional(
      oneOf(SignatureAlgorithm.literals),
      "The signature algorithm. If absent: `RSA_PKCS1_SHA_256` for RSA keys, otherwise the only algorithm of the key."
    )
  },
  permission: {
    on: "found",
    checks: [{ of: "key", action: "kms:AsymmetricSign", alias: true, gate: "AsymmetricSign" }],
    says: "`kms:AsymmetricSign` on the key; KeyId may be an alias"
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const { services } = call
    const key = yield* call.key(request.KeyId, "kms:AsymmetricSign", { alias: true })
    yield* key.gate("AsymmetricSign")
    const algorithm = request.Algorithm ?? usualSignatureAlgorithmOf(specOf(key.snapshot().context))
    if (algorithm === undefined)
      return yield* Effect.die(new Error("a key that may sign has an algorithm to sign with"))
    yield* takesSignatureAlgorithm(key, algorithm)
    const { stored } = yield* versionOf(services, key, request.KeyVersionId)
    yield* key.gate("AsymmetricSign")
    if (stored?.publicKey === undefined) return yield* Effect.die(new Error("an asymmetric version has a public key"))
    const { certificateRequest } = yield* writer
    const unsigned = certificateRequest({
      subject: request.Subject,
      alternativeNames: request.SubjectAlternativeNames ?? [],
      publicKey: stored.publicKey
    })
    const digest = unsigned.digest(algorithm)
    const signature = yield* useVersion(services, key, {
      operation: "AsymmetricSign",
      keyVersionId: request.KeyVersionId,
      parameter: "Subject",
      work: ({ handle, provider }) => provider.sign({ handle, algorithm, digest })
    })
    const Csr = unsigned.signed(algorithm, signature)
    return { Csr, KeyId: key.keyId, KeyVersionId: request.KeyVersionId }
  })
})
