/** Unbinds the MFA device of a user, who never has one on this server. */
import { withoutDevice } from "./loginProfile.ts"

export const UnbindMFADevice = withoutDevice("Unbinds the MFA device of a user, who never has one on this server.")
