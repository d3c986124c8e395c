/** Makes a data key and returns it encrypted under a CMK and wrapped under another party's public key. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { dataKeyConflict, dataKeyParameters, makeDataKey } from "./dataKey.ts"
import { dataKeyIn, exportParameters, wrapDataKey, wrappingConflict } from "./dataKeyExport.ts"
import { keyOperation } from "../operation.ts"
import { providerOf } from "./symmetric.ts"

export const GenerateAndExportDataKey = keyOperation({
  about: "Makes a data key and returns it encrypted under a CMK and wrapped under another party's public key.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.GenerateAndExportDataKey, "Rejected.LimitExceeded"],
  uses: true,
  Request: { ...dataKeyParameters, ...exportParameters },
  conflict: (request) => dataKeyConflict(request) ?? wrappingConflict(request),
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, call, key) {
    const { Plaintext, ...sealed } = yield* makeDataKey(call, key, "GenerateAndExportDataKey", request)
    const dataKey = yield* dataKeyIn(Plaintext)
    const provider = yield* providerOf(call.services, key)
    const ExportedDataKey = yield* wrapDataKey(provider, request, { dataKey, blame: "NumberOfBytes" }).pipe(
      // A refusal by the key's state precedes a fault of the public key.
      Effect.tapError(() => key.gate("GenerateAndExportDataKey"))
    )
    yield* key.gate("GenerateAndExportDataKey")
    return { ...sealed, ExportedDataKey }
  })
})
