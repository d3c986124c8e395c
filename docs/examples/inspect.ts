/** Prints every change of every key, as an XState inspector sees it. Run: `node docs/examples/inspect.ts` */
import { createKms } from "../../src/promise.ts"

await using kms = await createKms({
  clock: "virtual",
  inspect: (event) => {
    if (event.type !== "@xstate.snapshot" || !("value" in event.snapshot)) return
    const { lifecycle } = event.snapshot.value as { readonly lifecycle: string }
    console.log(`${event.event.type}: ${lifecycle}`)
  }
})

const { KeyId } = (await kms.createKey()).KeyMetadata
await kms.disableKey({ KeyId })
await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
await kms.cancelKeyDeletion({ KeyId })
