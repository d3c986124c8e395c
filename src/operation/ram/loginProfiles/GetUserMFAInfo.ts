/** Shows the MFA device of a user: none is ever bound here. */
import { withoutDevice } from "./loginProfile.ts"

export const GetUserMFAInfo = withoutDevice("Shows the MFA device of a user: none is ever bound here.")
