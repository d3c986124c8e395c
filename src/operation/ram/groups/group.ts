/** RAM: groups of users, as replies show them. */
import { formatInstant } from "../../../domain/time.ts"
import type { Group } from "../../../ram/records.ts"

export const shown = ({ name, is }: Group) => ({
  GroupId: is.id,
  GroupName: name,
  Comments: is.comments,
  CreateDate: formatInstant(is.createdAt),
  UpdateDate: formatInstant(is.updatedAt)
})
