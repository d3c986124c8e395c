/** Tests a stored key against a filter, for stores without a query language. */
import { decodeMetadata, decodeSnapshot } from "./schemas.ts"
import type { KeyFilter, StoredRow } from "./storedRows.ts"

const isAmong = (values: ReadonlyArray<string> | undefined, value: string): boolean => values?.includes(value) ?? true

/** One tag must match both lists. */
const hasTag = (tags: Readonly<Record<string, string>>, { tagKey, tagValue }: KeyFilter): boolean =>
  (tagKey === undefined && tagValue === undefined) ||
  Object.entries(tags).some(([key, value]) => isAmong(tagKey, key) && isAmong(tagValue, value))

const needsMetadata = ({ creator, tagKey, tagValue }: KeyFilter): boolean =>
  creator !== undefined || tagKey !== undefined || tagValue !== undefined

const needsSnapshot = ({ spec, usage, protection }: KeyFilter): boolean =>
  spec !== undefined || usage !== undefined || protection !== undefined

const metadataPasses = ({ keyId, metadata }: StoredRow<"keys">, filter: KeyFilter): boolean => {
  if (!needsMetadata(filter)) return true
  const { creator, tags = {} } = decodeMetadata(`the metadata of key ${keyId}`, metadata)
  return isAmong(filter.creator, creator) && hasTag(tags, filter)
}

const snapshotPasses = ({ keyId, snapshot }: StoredRow<"keys">, filter: KeyFilter): boolean => {
  if (!needsSnapshot(filter)) return true
  const { context } = decodeSnapshot(`the snapshot of key ${keyId}`, snapshot)
  return (
    isAmong(filter.spec, context.spec) &&
    isAmong(filter.usage, context.usage) &&
    isAmong(filter.protection, context.protection)
  )
}

/** Whether a row passes a filter of keys. */
export const passes = (row: StoredRow<"keys">, filter: KeyFilter): boolean =>
  isAmong(filter.state, row.state) &&
  isAmong(filter.creatorType, row.service ? "Service" : "User") &&
  isAmong(filter.keyId, row.keyId) &&
  metadataPasses(row, filter) &&
  snapshotPasses(row, filter)
