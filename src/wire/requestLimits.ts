/** The size limit of a request: twice the longest legal one, so that a slightly longer one gets a precise error. */
import { apis } from "../operation/apis.ts"
import { wireBytesMaxOf } from "../operation/parameters.ts"
import type { Parameters } from "../operation/parameters.ts"

/** Action, Version, signature, timestamp, nonce, and a security token with the longest session policy. */
const commonBytesMax = 64 * 1024

/** Bytes of an operation's longest legal request. */
export const longestRequestBytes = (parameters: Parameters): number =>
  Object.entries(parameters).reduce(
    (sum, [name, parameter]) => sum + `${name}=&`.length + wireBytesMaxOf(parameter),
    commonBytesMax
  )

const operations = Object.values(apis).flatMap((api) => [...api.operations.values()])

const longest = Math.max(...operations.map(({ parameters }) => longestRequestBytes(parameters)))

/** For the query with the headers, and for the body. */
export const requestBytesMax = 2 * longest
