/** How the pages name a policy. */
import { joined, plural, t } from "../text/text.ts"
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

/** The most policies that a text names. */
const namedMax = 5

/** `a, b, c`, and for a long list how many more there are. */
export const policiesNamed = (policies: ReadonlyArray<string>): string => {
  const names = joined(policies.slice(0, namedMax).map(policyNamed))
  const more = policies.length - namedMax
  return more > 0
    ? plural(more, { one: "{names} and 1 more", other: "{names} and {count} more" }, { names, count: more })
    : names
}
