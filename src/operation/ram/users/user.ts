/** RAM: users, as requests give them and as replies show them. */
import { formatInstant } from "../../../domain/time.ts"
import type { User } from "../../../ram/records.ts"

export const phone = /^(?:\+?[0-9]{1,4}-[0-9*]{4,20})?$/

export const phoneForm = "`<country code>-<number>`"

export const address = /^(?:[^\s@]{1,64}@[^\s@]{1,190})?$/

export const addressForm = "an e-mail address"

/** A user as single replies show it. */
export const shown = ({ name, is }: User) => ({
  UserId: is.id,
  UserName: name,
  DisplayName: is.displayName,
  MobilePhone: is.mobilePhone,
  Email: is.email,
  Comments: is.comments,
  CreateDate: formatInstant(is.createdAt)
})

export const updated = (user: User) => ({ ...shown(user), UpdateDate: formatInstant(user.is.updatedAt) })

/** The members that the request gives. */
export const given = <T extends Readonly<Record<string, string | undefined>>>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: string
  }
