/** An operation of Keystate only: creates the key that a cloud service would create for itself (user guide 3). */
import { Effect } from "effect"
import type { CmkInput } from "../../../machines/cmk.ts"
import { refuse } from "../../domain/errors.ts"
import { KeyId } from "../../domain/ids.ts"
import { holdingAlias } from "../aliases/aliasName.ts"
import { keyMetadata } from "./keyMetadata.ts"
import { causeOf } from "../changes.ts"
import { operation } from "../operation.ts"
import { required, wireBytesPerAsciiChar } from "../parameters.ts"
import type { Kind } from "../parameters.ts"

export const serviceCode: Kind<string, string> = {
  read: (given) =>
    typeof given === "string" && /^[A-Za-z][A-Za-z0-9]{0,31}$/.test(given) ? given.toUpperCase() : undefined,
  form: "letters and digits: `OSS`, `ECS`, `RDS`",
  wireBytesMax: 32 * wireBytesPerAsciiChar
}

/** User guide 3: the alias of a service's key. */
export const serviceAlias = (service: string): string => `alias/acs/${service.toLowerCase()}`

export const CreateServiceKey = operation({
  about: "Creates the key of a cloud service, with the alias `alias/acs/<service>`. Users may only view it.",
  errors: ["AliasAlreadyExists", "UnsupportedOperation"],
  changes: true,
  Request: { Service: required(serviceCode, "The code of the service.") },
  permission: { on: "root" },
  handle: (request, call) => {
    const { clock, directory, randomness, store } = call.services
    const aliasName = serviceAlias(request.Service)
    return holdingAlias(
      call,
      aliasName,
      Effect.gen(function* () {
        if ((yield* store.alias(call.realm, aliasName)) !== undefined) {
          return yield* refuse("AliasAlreadyExists", { hint: "A service has one key in an account and region." })
        }
        const at = clock.now()
        const input: CmkInput = {
          origin: "Aliyun_KMS",
          kind: "symmetric",
          spec: "Aliyun_AES_256",
          usage: "ENCRYPT/DECRYPT",
          protection: "SOFTWARE",
          serviceKey: true,
          newestVersionId: randomness.uuid(),
          newestVersionAt: at,
          rotationIntervalMillis: null
        }
        const metadata = { description: "", creator: request.Service, createdAt: at }
        const keyId = KeyId.make(randomness.uuid())
        const key = yield* directory
          .create({ keyId, realm: call.realm, input, metadata, aliases: [aliasName] }, causeOf(call))
          .pipe(Effect.catchTag("Rejected.LimitExceeded", Effect.die))
        call.about(keyId)
        return { KeyMetadata: keyMetadata(key), AliasName: aliasName }
      })
    )
  }
})
