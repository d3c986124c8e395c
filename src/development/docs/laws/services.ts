/** Services of others that broke a law in a run of the suite of December 2026, as they are installed, with the dialect aws. */
import type { LawId } from "../../../conformance/lawbook/laws.ts"

interface Broken {
  readonly service: string
  readonly finding: string
}

export const brokenBy: { readonly [law in LawId]?: ReadonlyArray<Broken> } = {
  "KMS-LC-003": [{ service: "moto 5.2.1", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-LC-004": [{ service: "moto 5.2.1", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-LC-005": [
    { service: "moto 5.2.1", finding: "GenerateDataKeyWithoutPlaintext was accepted; it should be refused." }
  ],
  "KMS-LC-006": [{ service: "moto 5.2.1", finding: "Sign was accepted; it should be refused." }],
  "KMS-LC-012": [{ service: "moto 5.2.1", finding: "EnableKey was accepted; it should be refused." }],
  "KMS-LC-013": [{ service: "local-kms of October 2023", finding: "EnableKey was accepted; it should be refused." }],
  "KMS-LC-018": [
    { service: "moto 5.2.1", finding: "Sign was refused with ValidationException, not KMSInvalidStateException." },
    {
      service: "local-kms of October 2023",
      finding: "Decrypt was refused with AccessDeniedException, not KMSInvalidStateException."
    }
  ],
  "KMS-LC-026": [
    { service: "local-kms of October 2023", finding: "The service failed: 500 InternalFailureException." }
  ],
  "KMS-DEL-001": [{ service: "moto 5.2.1", finding: "The key is Enabled; it should be PendingDeletion." }],
  "KMS-DEL-002": [{ service: "moto 5.2.1", finding: "ScheduleKeyDeletion was accepted; it should be refused." }],
  "KMS-DEL-003": [{ service: "moto 5.2.1", finding: "Decrypt was accepted; it should be refused." }],
  "KMS-DEL-004": [{ service: "moto 5.2.1", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-DEL-005": [
    { service: "moto 5.2.1", finding: "GenerateDataKeyWithoutPlaintext was accepted; it should be refused." }
  ],
  "KMS-DEL-006": [{ service: "moto 5.2.1", finding: "Sign was accepted; it should be refused." }],
  "KMS-DEL-007": [{ service: "local-kms of October 2023", finding: "The key is Enabled; it should be Disabled." }],
  "KMS-DEL-008": [{ service: "moto 5.2.1", finding: "CancelKeyDeletion was accepted; it should be refused." }],
  "KMS-DEL-009": [{ service: "moto 5.2.1", finding: "ScheduleKeyDeletion was accepted; it should be refused." }],
  "KMS-DEL-015": [{ service: "moto 5.2.1", finding: "UpdateKeyDescription was accepted; it should be refused." }],
  "KMS-IMP-016": [{ service: "local-kms of October 2023", finding: "The key is Enabled; it should be Disabled." }],
  "KMS-ROT-006": [
    { service: "moto 5.2.1", finding: "EnableKeyRotation was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "DisableKeyRotation was accepted; it should be refused." }
  ],
  "KMS-ROT-008": [
    { service: "moto 5.2.1", finding: "EnableKeyRotation was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "EnableKeyRotation was accepted; it should be refused." }
  ],
  "KMS-AL-005": [{ service: "moto 5.2.1", finding: "CreateAlias was accepted; it should be refused." }],
  "KMS-AL-006": [{ service: "moto 5.2.1", finding: "UpdateAlias was accepted; it should be refused." }],
  "KMS-AL-012": [{ service: "moto 5.2.1", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-CTX-011": [{ service: "moto 5.2.1", finding: "ReEncrypt was accepted; it should be refused." }],
  "KMS-CTX-012": [{ service: "moto 5.2.1", finding: "ReEncrypt was accepted; it should be refused." }],
  "KMS-CTX-015": [
    { service: "moto 5.2.1", finding: "Decrypt was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "Decrypt was accepted; it should be refused." }
  ],
  "KMS-ASY-005": [{ service: "moto 5.2.1", finding: "Encrypt (asymmetric) was accepted; it should be refused." }],
  "KMS-ASY-006": [{ service: "moto 5.2.1", finding: "Encrypt was accepted; it should be refused." }],
  "KMS-ASY-007": [
    { service: "moto 5.2.1", finding: "GetPublicKey was accepted; it should be refused." },
    { service: "local-kms of October 2023", finding: "Encrypt (asymmetric) was accepted; it should be refused." }
  ],
  "KMS-ASY-008": [{ service: "moto 5.2.1", finding: "The signature does not verify under the public key." }],
  "KMS-ASY-009": [
    {
      service: "moto 5.2.1",
      finding: "Decrypt (asymmetric) was refused with InvalidCiphertextException; it should be accepted."
    }
  ],
  "KMS-ASY-011": [{ service: "moto 5.2.1", finding: "Encrypt (asymmetric) was accepted; it should be refused." }],
  "KMS-ASY-016": [{ service: "moto 5.2.1", finding: "Sign was accepted; it should be refused." }],
  "KMS-REF-006": [{ service: "local-kms of October 2023", finding: "TagResource was accepted; it should be refused." }],
  "KMS-MET-006": [{ service: "local-kms of October 2023", finding: 'MaterialExpireTime is "2026-12-04T01:11:26Z".' }]
}
