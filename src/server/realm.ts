/** The realm of a request: the account of its caller, and the region in its address (decision 11). */
import { RegionId } from "../domain/ids.ts"
import { isKnownRegion } from "../domain/regions.ts"

/** The vendor's endpoints, on the internet and within a private cloud: `kms.cn-hangzhou.aliyuncs.com`. */
const endpoint = /^kms(?:-vpc)?\.([a-z0-9-]+)\./i

export interface Addressed {
  /** The Host header. */
  readonly host: string | undefined
  /** The parameter RegionId. */
  readonly regionId: string | undefined
}

/** The region that the request's host, or else its RegionId, names; the server's own region if that one is unknown. */
export const regionAddressed = ({ host, regionId }: Addressed, own: RegionId): RegionId => {
  const named = host === undefined ? undefined : endpoint.exec(host)?.[1]?.toLowerCase()
  for (const region of [named, regionId]) {
    if (region !== undefined && isKnownRegion(region)) return RegionId.make(region)
  }
  return own
}
