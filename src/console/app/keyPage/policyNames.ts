/** How the pages name a policy. */
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

/** Names in parentheses are policies that have no name in RAM. */
const unnamed: Readonly<Record<string, PlainText>> = {
  "(session)": "the session policy",
  "(key policy)": "the key policy"
}

export const policyNamed = (policy: string): string => {
  const found = unnamed[policy]
  return found === undefined ? policy : t(found)
}
