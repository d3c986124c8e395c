/** Random names: access keys, secrets, and the ids of users, groups and roles. */
import type { Randomness } from "../platform/services.ts"

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const digits = "0123456789"

type Source = Randomness["Service"]

/** Letters drawn evenly: bytes beyond the largest multiple of the alphabet's size are discarded. */
export const drawn = (randomness: Source, length: number, alphabet = letters): string => {
  const limit = 256 - (256 % alphabet.length)
  let text = ""
  while (text.length < length) {
    for (const byte of randomness.bytes(length)) {
      if (byte < limit && text.length < length) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}

export const drawnDigits = (randomness: Source, length: number): string => drawn(randomness, length, digits)

/** Eighteen digits, as in the vendor's user ids. */
export const newUserId = (randomness: Source): string => `2${drawnDigits(randomness, 17)}`
export const newRoleId = (randomness: Source): string => `3${drawnDigits(randomness, 17)}`
export const newGroupId = (randomness: Source): string => `g-${drawn(randomness, 16)}`
