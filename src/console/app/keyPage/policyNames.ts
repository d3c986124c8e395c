/** How the pages name a policy. */

/** Names in parentheses are policies that have no name in RAM. */
const unnamed: Readonly<Record<string, string>> = {
  "(session)": "the session policy",
  "(key policy)": "the key policy"
}

export const policyNamed = (policy: string): string => unnamed[policy] ?? policy
