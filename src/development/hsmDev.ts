/** Prepares a SoftHSM token for development, and prints how to start a server with it. */
import { prepareSoftHsm } from "./softHsm.ts"

try {
  const { module, label, pinFile, settings } = prepareSoftHsm(process.argv[2] ?? ".keystate-hsm")
  process.stdout.write(
    [
      "A token is ready. Start a server on it with",
      "",
      `  SOFTHSM2_CONF=${settings} npm start -- --hsm ${module} --hsm-token ${label} --hsm-pin-file ${pinFile}`,
      "",
      "SoftHSM is software: it keeps keys out of this process's files, and protects them no better than files.",
      ""
    ].join("\n")
  )
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
  process.exitCode = 1
}
