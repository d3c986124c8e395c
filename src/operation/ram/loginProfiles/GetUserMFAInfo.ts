/** Shows the MFA device of a user, who never has one on this server. */
import { withoutDevice } from "./loginProfile.ts"

export const GetUserMFAInfo = withoutDevice("Shows the MFA device of a user, who never has one on this server.")
