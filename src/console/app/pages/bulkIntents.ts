/** What can be done to several keys at once: the words, and the call for each key. */
import type { BulkOperation } from "../../protocol.ts"
import type { Order } from "../parts/deletionOrder.tsx"
import type { PlainText } from "../text/text.ts"

export interface TagForm {
  readonly key: string
  readonly value: string
}

/** What the dialog asks for. */
export interface Given {
  readonly order: Order
  readonly tag: TagForm
}

type Parameters = Readonly<Record<string, string>>

export interface IntentWords {
  readonly name: Intent
  /** In lists of actions. */
  readonly word: PlainText
  readonly look: "main" | "danger" | "other"
  readonly operation: BulkOperation
  /** The title of the dialog. */
  readonly title: PlainText
  /** Says what happens to a key that is not refused. */
  readonly effect: PlainText
  readonly parameters: (given: Given) => Parameters
}

export type Intent = "enable" | "disable" | "tag" | "untag" | "schedule" | "cancel"

export const intents: ReadonlyArray<IntentWords> = [
  {
    name: "enable",
    word: "Enable",
    look: "other",
    operation: "EnableKey",
    title: "Enable keys",
    effect: "Can be used again.",
    parameters: () => ({})
  },
  {
    name: "disable",
    word: "Disable",
    look: "other",
    operation: "DisableKey",
    title: "Disable keys",
    effect: "Refuses every use until it is enabled.",
    parameters: () => ({})
  },
  {
    name: "tag",
    word: "Add tag",
    look: "other",
    operation: "TagResource",
    title: "Add a tag to keys",
    effect: "Gets the tag. A tag with the same key is replaced.",
    parameters: ({ tag }) => ({ Tags: JSON.stringify([{ TagKey: tag.key, TagValue: tag.value }]) })
  },
  {
    name: "untag",
    word: "Remove tag",
    look: "other",
    operation: "UntagResource",
    title: "Remove a tag from keys",
    effect: "Loses the tag, if it has it.",
    parameters: ({ tag }) => ({ TagKeys: JSON.stringify([tag.key]) })
  },
  {
    name: "schedule",
    word: "Schedule deletion",
    look: "danger",
    operation: "ScheduleKeyDeletion",
    title: "Schedule deletion of keys",
    effect: "Refuses every use at once.",
    parameters: ({ order: { days } }) => ({ PendingWindowInDays: days })
  },
  {
    name: "cancel",
    word: "Cancel deletion",
    look: "other",
    operation: "CancelKeyDeletion",
    title: "Cancel deletion of keys",
    effect: "Is not deleted.",
    parameters: () => ({})
  }
]

export const intentOf = (name: Intent): IntentWords => {
  const found = intents.find((intent) => intent.name === name)
  if (found === undefined) throw new Error(`no words for ${name}`)
  return found
}
