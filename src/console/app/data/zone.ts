/** Whether times are shown in UTC or in the time zone of the browser. The browser keeps the choice. */
import type { PlainText } from "../text/text.ts"

export const zones = [
  ["utc", "UTC"],
  ["local", "Local time"]
] as const satisfies ReadonlyArray<readonly [string, PlainText]>
export type Zone = (typeof zones)[number][0]

const settingName = "keystate.zone"
const listeners = new Set<() => void>()
let zone: Zone = "utc"

const isZone = (text: string | null): text is Zone => zones.some(([name]) => name === text)

const set = (chosen: Zone): void => {
  zone = chosen
  for (const listener of listeners) listener()
}

/** Reads the kept choice, once for each page. */
export const restoreZone = (): void => {
  const kept = localStorage.getItem(settingName)
  if (isZone(kept)) set(kept)
}

export const chooseZone = (text: string): void => {
  if (!isZone(text)) return
  localStorage.setItem(settingName, text)
  set(text)
}

export const watchZone = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const zoneNow = (): Zone => zone

const digits = (value: number): string => String(value).padStart(2, "0")

/** `+08:00`, as the browser's zone was at that time. */
const offsetAt = (date: Date): string => {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? "-" : "+"}${digits(Math.floor(size / 60))}:${digits(size % 60)}`
}

const localText = (date: Date): string => {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return `${shifted.toISOString().slice(0, 19).replace("T", " ")} UTC${offsetAt(date)}`
}

const utcText = (date: Date): string => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`

/** `2026-12-24T10:00:05` in the chosen zone, as a field for a time takes it; empty for an impossible time. */
export const fieldText = (millis: number): string => {
  if (Number.isNaN(millis)) return ""
  const shift = zone === "utc" ? 0 : new Date(millis).getTimezoneOffset() * 60_000
  return new Date(millis - shift).toISOString().slice(0, 19)
}

/** The time that a field has, read in the chosen zone; undefined while the field is not complete. */
export const timeOfField = (text: string): number | undefined => {
  const millis = text === "" ? Number.NaN : Date.parse(zone === "utc" ? `${text}Z` : text)
  return Number.isNaN(millis) ? undefined : millis
}

/** `2026-12-24 10:00:05 UTC`, or `2026-12-24 18:00:05 UTC+08:00` in the browser's zone. */
export const absolute = (millis: number): string =>
  zone === "utc" ? utcText(new Date(millis)) : localText(new Date(millis))
