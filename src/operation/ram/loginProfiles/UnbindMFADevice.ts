/** Unbinds the MFA device of a user: none is ever bound here. */
import { withoutDevice } from "./loginProfile.ts"

export const UnbindMFADevice = withoutDevice("Unbinds the MFA device of a user: none is ever bound here.")
