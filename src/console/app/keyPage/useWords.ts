/** The uses of a key in words. */
import type { KeyUses, UseCount } from "../../protocol.ts"
import { t } from "../text/text.ts"
import { languageNow } from "../text/language.ts"

/** Whether a part of the audit log is still to be read. */
export const isReading = ({ progress: { of, read } }: KeyUses): boolean => read < of

/** `acs:ram::1000000000000001:user/orders-app` as `orders-app`. */
export const principalWord = (arn: string): string => {
  const name = arn.slice(arn.lastIndexOf(":") + 1)
  const [, kind, rest] = /^(user|role)\/(.+)$/s.exec(name) ?? []
  if (rest === undefined) return name
  return kind === "role" ? t("the role {name}", { name: rest }) : rest
}

export const totalOf = (counts: ReadonlyArray<UseCount>): number => counts.reduce((sum, { count }) => sum + count, 0)

const units = [
  ["year", 365 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60]
] as const

/** `3 minutes ago` */
const ago = (millis: number): string => {
  const seconds = Math.floor(millis / 1000)
  if (seconds < 1) return t("just now")
  const [unit, size] = units.find(([, length]) => seconds >= length) ?? ["second", 1]
  return new Intl.RelativeTimeFormat(languageNow()).format(-Math.floor(seconds / size), unit)
}

/** `Last used 3 minutes ago by orders-app.` */
export const lastUsed = (uses: KeyUses, now: number): string => {
  const [newest] = uses.uses
  if (isReading(uses)) return t("Counting the uses: part {read} of {of} of the audit log…", uses.progress)
  if (newest === undefined) return t("The audit log records no use.")
  return t("Last used {time} by {principal}.", {
    time: ago(now - newest.lastAt),
    principal: principalWord(newest.principal)
  })
}
