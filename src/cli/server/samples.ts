/** The sample keys of `keystate demo`. */
import { Console, Effect } from "effect"
import { Style } from "../output/style.ts"
import { Kms } from "../../kms.ts"
import { HttpServer } from "../../server/httpServer.ts"
import { invocation } from "../invocation.ts"

export const samples = Effect.gen(function* () {
  const kms = yield* Kms
  const { url } = yield* HttpServer
  const make = (description: string, more: object = {}) =>
    Effect.map(kms.createKey({ Description: description, ...more }), ({ KeyMetadata }) => KeyMetadata.KeyId)
  const enabled = yield* make("orders: in use")
  const rotating = yield* make("invoices: a new version every 30 days", {
    EnableAutomaticRotation: true,
    RotationInterval: "30d"
  })
  const disabled = yield* make("archive: disabled")
  yield* kms.disableKey({ KeyId: disabled })
  const leaving = yield* make("legacy: scheduled for deletion in 7 days")
  yield* kms.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 })
  const external = yield* make("partner: waits for imported material", { Origin: "EXTERNAL" })
  if ((yield* Style).isJson) return
  yield* Console.log(
    [
      "",
      "  Sample keys:",
      `    ${enabled}  Enabled`,
      `    ${rotating}  Enabled, rotates every 30 days`,
      `    ${disabled}  Disabled`,
      `    ${leaving}  PendingDeletion`,
      `    ${external}  PendingImport`,
      "",
      `  Move the clock: ${invocation} clock advance 8d --endpoint ${url}`
    ].join("\n")
  )
})
