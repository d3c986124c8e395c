/** Which records of the audit log are of reads: calls that change nothing and use no key. */

const readVerb = /^(?:ram:)?(?:Describe|Explain|Get|List|Show)[A-Z]/

/** GetParametersForImport creates an import token; GetPublicKey is a use of the key. */
const notReads: ReadonlySet<string> = new Set(["GetParametersForImport", "GetPublicKey"])

/** `operation` as the audit log names it: `DescribeKey`, `ram:ListTagResources`. */
export const isReadOperation = (operation: string): boolean => readVerb.test(operation) && !notReads.has(operation)
