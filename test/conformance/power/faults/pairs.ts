/** Faults of asymmetric keys and of permissions. */
import { staysOpen } from "../fault.ts"
import type { Fault } from "../fault.ts"

const shared = "src/operation/cryptography/asymmetric.ts"

export const asymmetric: ReadonlyArray<Fault> = [
  {
    id: "every-signature-verifies",
    does: "AsymmetricVerify answers true to every signature.",
    law: "KMS-ASY-002",
    patches: [
      {
        file: "src/operation/cryptography/AsymmetricVerify.ts",
        find: "return { Value, KeyId",
        replace: "return { Value: Value || true, KeyId"
      }
    ]
  },
  {
    id: "version-asked-for-is-ignored",
    does: "The newest version is used, not the named one.",
    law: "KMS-VER-007",
    patches: [
      {
        file: shared,
        find: ".use(operation, version.keyVersionId, work)",
        replace: ".use(operation, version.keyVersionId.length > 0 ? newestOf(key) : version.keyVersionId, work)"
      },
      {
        file: shared,
        find: "/** Uses a version of an asymmetric key.",
        replace:
          "const newestOf = (key: KeyActor) => KeyVersionId.make(key.snapshot().context.newestVersionId)\n\n/** Uses a version of an asymmetric key."
      },
      {
        file: shared,
        find: 'import type { ErrorOf } from "../../domain/errors.ts"\n',
        replace:
          'import type { ErrorOf } from "../../domain/errors.ts"\nimport { KeyVersionId } from "../../domain/ids.ts"\n'
      }
    ]
  },
  {
    id: "usage-not-asked",
    does: "A key for encryption signs, and the other way round.",
    law: "KMS-ASY-005",
    patches: [
      {
        file: "machines/permits.ts",
        find: "snapshot.context.usage !== rule.usage.of) {",
        replace: "snapshot.context.epoch < 0) {"
      }
    ]
  },
  {
    id: "one-private-key-for-all",
    does: "All pairs of one kind share one private key.",
    law: "KMS-ASY-013",
    patches: [
      {
        file: "src/crypto/software/pairs.ts",
        find: "Effect.promise(() => pairs[spec].generate()),",
        replace: "Effect.promise(() => onceMade(spec, () => pairs[spec].generate())),"
      },
      {
        file: "src/crypto/software/pairs.ts",
        find: "export const materialOfPairs",
        replace:
          "type Made = { readonly pkcs8: Uint8Array; readonly publicKey: Uint8Array }\nconst kept = new Map<string, Made>()\nconst onceMade = async <A extends Made>(spec: string, make: () => Promise<A>): Promise<A> => {\n  const known = kept.get(spec) ?? (await make())\n  kept.set(spec, { pkcs8: known.pkcs8.slice(), publicKey: known.publicKey.slice() })\n  return known as A\n}\n\nexport const materialOfPairs"
      }
    ]
  },
  {
    id: "public-key-of-another-version",
    does: "GetPublicKey always gives the newest public key.",
    law: "KMS-MET-012",
    patches: [
      {
        file: "src/operation/cryptography/GetPublicKey.ts",
        find: "versionOf(services, key, request.KeyVersionId)",
        replace: "versionOf(services, key, request.KeyVersionId && key.snapshot().context.newestVersionId)"
      }
    ]
  },
  {
    id: "disabled-pair-signs",
    does: "AsymmetricSign does not ask for the state.",
    law: "KMS-LC-006",
    patches: [
      {
        file: "machines/permits.ts",
        find: 'AsymmetricSign: asymmetricUse("SIGN/VERIFY", "UnsupportedOperation")',
        replace:
          'AsymmetricSign: { ...asymmetricUse("SIGN/VERIFY", "UnsupportedOperation"), needs: { tag: "readable" } }'
      },
      staysOpen
    ]
  },
  {
    id: "algorithm-not-checked",
    does: "A key takes algorithms it was not made for.",
    law: "KMS-LC-026",
    patches: [
      { file: shared, find: "  return known.includes(asked.algorithm)\n", replace: "  return known.length > 0\n" }
    ]
  },
  {
    id: "any-value-verifies",
    does: "AsymmetricVerify accepts what it cannot have signed.",
    law: "KMS-ASY-002",
    patches: [
      {
        file: "src/operation/cryptography/AsymmetricVerify.ts",
        find: "digest: request.Digest, signature: request.Value })",
        replace:
          "digest: request.Digest, signature: request.Value }).pipe(Effect.map((is) => is || request.Value.length > 0))"
      }
    ]
  }
]

const evaluation = "src/authorization/evaluate.ts"

export const authorization: ReadonlyArray<Fault> = [
  {
    id: "policies-stored-not-enforced",
    does: "Policies are stored, and everybody may do everything.",
    law: "KMS-AC-001",
    patches: [
      {
        file: "src/requests/callUnderWay.ts",
        find: 'return ruling.effect === "Allow" ? undefined',
        replace: 'return ruling.effect !== "Deny" ? undefined'
      }
    ]
  },
  {
    id: "policy-for-one-key-is-for-all",
    does: "The resource of a policy is not looked at.",
    law: "KMS-AC-004",
    patches: [
      {
        file: evaluation,
        find: "  resources.some((pattern) => pattern.matches(resource))\n",
        replace: '  (resources.length > 0 || resource === "")\n'
      }
    ]
  },
  {
    id: "policy-for-one-action-is-for-all",
    does: "The action of a policy is not looked at.",
    law: "KMS-AC-005",
    patches: [
      {
        file: evaluation,
        find: '  actions.some((pattern) => pattern.matches(action)) === (actionElement === "Action") &&\n',
        replace: '  (actions.length > 0 || action === "") &&\n'
      }
    ]
  },
  {
    id: "decrypt-asks-for-encrypt",
    does: "A user who may encrypt may also decrypt.",
    law: "KMS-AC-005",
    patches: [
      {
        file: "src/operation/cryptography/Decrypt.ts",
        find: 'call.keyById(keyId, "kms:Decrypt")',
        replace: 'call.keyById(keyId, "kms:Encrypt")'
      }
    ]
  }
]
