/** Services of others that broke a law in a run of the suite of December 2026, as they are installed, with the dialect aws. */
import type { LawId } from "../../../conformance/lawbook/laws.ts"

interface Broken {
  readonly service: string
  readonly finding: string
}

export const brokenBy: { readonly [law in LawId]?: ReadonlyArray<Broken> } = {
  "KMS-LC-003": [{ service: "moto of August 2026", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-LC-004": [{ service: "moto of August 2026", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-LC-005": [
    { service: "moto of August 2026", finding: "GenerateDataKeyWithoutPlaintext was accepted; it should be refused." }
  ],
  "KMS-LC-006": [{ service: "moto of August 2026", finding: "Sign was accepted; it should be refused." }],
  "KMS-LC-012": [
    { service: "moto of August 2026", finding: "EnableKey was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "DisableKey was accepted; it should be refused." }
  ],
  "KMS-LC-013": [{ service: "local-kms of October 2023", finding: "EnableKey was accepted; it should be refused." }],
  "KMS-LC-018": [
    {
      service: "moto of August 2026",
      finding: "Sign was refused with ValidationException, not KMSInvalidStateException."
    },
    {
      service: "local-kms of October 2023",
      finding: "Decrypt was refused with AccessDeniedException, not KMSInvalidStateException."
    }
  ],
  "KMS-LC-026": [
    { service: "local-kms of October 2023", finding: "The service failed: 500 InternalFailureException." },
    { service: "ministack 1.4.21", finding: "The service failed: 500 InternalError." }
  ],
  "KMS-DEL-002": [
    { service: "moto of August 2026", finding: "ScheduleKeyDeletion was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "ScheduleKeyDeletion was accepted; it should be refused." }
  ],
  "KMS-DEL-003": [{ service: "moto of August 2026", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-DEL-004": [{ service: "moto of August 2026", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-DEL-005": [
    { service: "moto of August 2026", finding: "GenerateDataKeyWithoutPlaintext was accepted; it should be refused." }
  ],
  "KMS-DEL-006": [{ service: "moto of August 2026", finding: "Sign was accepted; it should be refused." }],
  "KMS-DEL-007": [{ service: "local-kms of October 2023", finding: "The key is Enabled; it should be Disabled." }],
  "KMS-DEL-008": [
    { service: "moto of August 2026", finding: "CancelKeyDeletion was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "CancelKeyDeletion was accepted; it should be refused." }
  ],
  "KMS-DEL-009": [
    { service: "moto of August 2026", finding: "ScheduleKeyDeletion was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "ScheduleKeyDeletion was accepted; it should be refused." }
  ],
  "KMS-DEL-015": [
    { service: "moto of August 2026", finding: "UpdateKeyDescription was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "TagResource was accepted; it should be refused." }
  ],
  "KMS-IMP-016": [{ service: "local-kms of October 2023", finding: "The key is Enabled; it should be Disabled." }],
  "KMS-ROT-006": [
    { service: "moto of August 2026", finding: "EnableKeyRotation was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "DisableKeyRotation was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "EnableKeyRotation was accepted; it should be refused." }
  ],
  "KMS-ROT-008": [
    { service: "moto of August 2026", finding: "EnableKeyRotation was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "EnableKeyRotation was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "EnableKeyRotation was accepted; it should be refused." }
  ],
  "KMS-AL-005": [
    { service: "moto of August 2026", finding: "CreateAlias was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "CreateAlias was accepted; it should be refused." }
  ],
  "KMS-AL-006": [
    { service: "moto of August 2026", finding: "UpdateAlias was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "UpdateAlias was accepted; it should be refused." }
  ],
  "KMS-AL-012": [{ service: "moto of August 2026", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-CTX-005": [{ service: "ministack 1.4.21", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-CTX-006": [{ service: "ministack 1.4.21", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-CTX-009": [{ service: "ministack 1.4.21", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-CTX-011": [{ service: "moto of August 2026", finding: "ReEncrypt was accepted; it should be refused." }],
  "KMS-CTX-012": [{ service: "moto of August 2026", finding: "ReEncrypt was accepted; it should be refused." }],
  "KMS-CTX-015": [
    { service: "moto of August 2026", finding: "Decrypt was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "Decrypt was accepted; it should be refused." }
  ],
  "KMS-DK-008": [{ service: "ministack 1.4.21", finding: "GenerateDataKey was accepted; it should be refused." }],
  "KMS-ASY-005": [
    { service: "moto of August 2026", finding: "Encrypt (asymmetric) was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "Sign was accepted; it should be refused." }
  ],
  "KMS-ASY-006": [
    { service: "moto of August 2026", finding: "Encrypt was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "Encrypt was accepted; it should be refused." }
  ],
  "KMS-ASY-007": [
    { service: "moto of August 2026", finding: "GetPublicKey was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "Encrypt (asymmetric) was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "Encrypt (asymmetric) was accepted; it should be refused." }
  ],
  "KMS-ASY-008": [{ service: "moto of August 2026", finding: "The signature does not verify under the public key." }],
  "KMS-ASY-009": [
    {
      service: "moto of August 2026",
      finding: "Decrypt (asymmetric) was refused with InvalidCiphertextException; it should be accepted."
    },
    {
      service: "ministack 1.4.21",
      finding: "Decrypt (asymmetric) was refused with InvalidCiphertextException; it should be accepted."
    }
  ],
  "KMS-ASY-011": [
    { service: "moto of August 2026", finding: "Encrypt (asymmetric) was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "Encrypt (asymmetric) was accepted; it should be refused." }
  ],
  "KMS-ASY-016": [{ service: "moto of August 2026", finding: "Sign was accepted; it should be refused." }],
  "KMS-REF-006": [
    { service: "local-kms of October 2023", finding: "TagResource was accepted; it should be refused." },
    { service: "ministack 1.4.21", finding: "EnableKey was accepted; it should be refused." }
  ],
  "KMS-MET-006": [{ service: "local-kms of October 2023", finding: 'MaterialExpireTime is "2026-12-04T08:00:41Z".' }]
}
