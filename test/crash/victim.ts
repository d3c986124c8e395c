/** A service to be killed: it works in a loop on a data directory and prints each answer. */
import { Effect, Layer } from "effect"
import { Failpoints } from "../../src/platform/services.ts"
import { createKms } from "../../src/promise.ts"

const [directory = "", failpoint = "", hits = "1"] = process.argv.slice(2)
let left = Number(hits)

const reachSync = (name: string): void => {
  if (name !== failpoint) return
  left--
  if (left === 0) process.kill(process.pid, "SIGKILL")
}

const failpoints = Layer.succeed(Failpoints, { reach: (name) => Effect.sync(() => reachSync(name)), reachSync })

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const kms = await createKms({ store: { directory }, clock: "virtual", failpoints })
say({ ready: true })

/** One key's whole lifecycle; each step is printed before the call and after its answer. */
const live = async (): Promise<void> => {
  const { KeyId } = (await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })).KeyMetadata
  say({ KeyId, state: "Enabled" })
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
  say({ KeyId, blob: CiphertextBlob })
  const step = async (asking: string, call: () => Promise<unknown>, state: string): Promise<void> => {
    say({ KeyId, asking, leadsTo: state })
    await call()
    say({ KeyId, state })
  }
  await step("DisableKey", () => kms.disableKey({ KeyId }), "Disabled")
  await step("EnableKey", () => kms.enableKey({ KeyId }), "Enabled")
  await kms.updateKeyDescription({ KeyId, Description: "described" })
  await step("ScheduleKeyDeletion", () => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }), "PendingDeletion")
  await step("CancelKeyDeletion", () => kms.cancelKeyDeletion({ KeyId }), "Enabled")
  if (Math.random() < 0.5) {
    await step(
      "ScheduleKeyDeletion",
      () => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
      "PendingDeletion"
    )
    await kms.clock.advance("8d")
    say({ KeyId, state: "Deleted" })
  }
}

for (;;) await Promise.all([live(), live(), live()])
