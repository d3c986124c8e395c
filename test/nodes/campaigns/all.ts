/** Every campaign, by the name that `npm run campaign:nodes` takes. */
import { acceptedOnce } from "./acceptedOnce.ts"
import { away } from "./away.ts"
import type { Campaign } from "./campaign.ts"
import { clockDoubt } from "./clockDoubt.ts"
import { cutCommits } from "./cutCommits.ts"
import { deadlines } from "./deadlines.ts"
import { edges } from "./edges.ts"
import { kills } from "./kills.ts"

export const campaigns: Readonly<Record<string, Campaign>> = {
  "accepted-once": acceptedOnce,
  kills,
  deadlines,
  edges,
  away,
  "cut-commits": cutCommits,
  "clock-doubt": clockDoubt
}
