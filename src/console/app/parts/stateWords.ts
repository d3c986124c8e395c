/** A key's states, and those of its rotation, in words. */
import type { LifecycleState, RotationState } from "../../../../machines/vocabulary.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const words = {
  Enabled: { word: "Enabled", means: "The key can be used." },
  Disabled: { word: "Disabled", means: "Every use is refused until the key is enabled." },
  PendingDeletion: {
    word: "Pending deletion",
    means: "Every use is refused. The key is destroyed on its deletion date unless the deletion is cancelled."
  },
  PendingImport: { word: "Pending import", means: "The key waits for its material to be imported." },
  Deleted: { word: "Deleted", means: "The key is destroyed and cannot be restored." }
} as const satisfies Record<LifecycleState, { readonly word: PlainText; readonly means: PlainText }>

const rotationWords = {
  Enabled: "Enabled|rotation",
  Disabled: "Disabled|rotation",
  Suspended: "Suspended",
  Unsupported: "Unsupported"
} as const satisfies Record<RotationState, PlainText>

export const isState = (text: string): text is LifecycleState => Object.hasOwn(words, text)

export const wordOf = (state: string): string => (isState(state) ? t(words[state].word) : state)
export const meaningOf = (state: string): string => (isState(state) ? t(words[state].means) : "")

const isRotation = (text: string): text is RotationState => Object.hasOwn(rotationWords, text)

export const rotationWord = (rotation: string): string => (isRotation(rotation) ? t(rotationWords[rotation]) : rotation)
