/** Transitions as text: their event, their guard and their actions. */
import type { ChartTransition, Guard } from "./chart.ts"
import { guardText } from "./guards.ts"
import { isWithin } from "./paths.ts"
import { triggerText } from "./trigger.ts"

/** One transition, as text beside an arrow or in a state. */
export interface EdgeLine {
  /** The event as text; null for a transition with only a guard. */
  readonly event: string | null
  /** The guard as text. */
  readonly guard: string | null
  /** Whether the event happens on schedule and not by a call. */
  readonly timed: boolean
  readonly actions: ReadonlyArray<string>
  /** Whether the source is exited and entered again, although the target is inside it. */
  readonly reenter: boolean
  /** Whether the event has no effect here, and is also kept from outer states. */
  readonly ignored: boolean
  readonly description: string | null
  /** Its position among the chart's transitions; null for a start arrow. */
  readonly transition: number | null
}

/** Additional information for readers that a machine's definition lacks. */
export interface Legend {
  /** Events on schedule, each with the guard that only checks whether it is due and is not drawn. */
  readonly timers?: Readonly<Record<string, string>>
  /** The call that starts a box, by the box's path: `{ lifecycle: "CreateKey" }`. */
  readonly begins?: Readonly<Record<string, string>>
  /** Guards as text, by their names. */
  readonly guards?: Readonly<Record<string, string>>
  /** Paths of states that are only passed through at the start; the start dot replaces them. */
  readonly passed?: ReadonlyArray<string>
  /** Omits actions, tags, and the box of the machine itself. */
  readonly plain?: boolean
}

/** `isSameMaterial` as `is same material`: guard names are sentences in camel case. */
const spelled = (name: string): string => {
  // An expression keeps its spelling.
  if (!/^[\w$]+$/.test(name)) return name
  return name.replaceAll(/([a-z0-9])([A-Z])(?=[a-z])/g, (_all, before: string, after: string) => {
    return `${before} ${after.toLowerCase()}`
  })
}

/** A guard as text for readers. */
export const guardWords = (guard: Guard | null, otherwise: boolean, { guards = {} }: Legend): string | null => {
  const text =
    guard === null
      ? null
      : guardText(guard, (name) => (Object.hasOwn(guards, name) ? (guards[name] ?? name) : spelled(name)))
  if (!otherwise) return text
  return text === null ? "else" : `else if ${text}`
}

/** Whether a target inside the source still exits the source; only such a transition enters it again. */
const reenters = ({ source, targets, reenter }: ChartTransition): boolean =>
  reenter && targets.length > 0 && targets.every((target) => isWithin(target, source))

export type Reader = (transition: ChartTransition, at: number) => EdgeLine

export const readerOf =
  (legend: Legend): Reader =>
  (transition, at) => {
    const { trigger, guard, otherwise, actions, targets, description } = transition
    const { timers = {} } = legend
    const event = triggerText(trigger)
    const due = event !== null && Object.hasOwn(timers, event) ? timers[event] : undefined
    const isDue = due !== undefined && guard?._tag === "Named" && guard.name === due
    const words = isDue ? null : guardWords(guard, otherwise, legend)
    return {
      event: event ?? (words === null ? "always" : null),
      guard: words,
      timed: trigger._tag === "After" || due !== undefined,
      actions: legend.plain === true ? [] : actions,
      reenter: reenters(transition),
      ignored: targets.length === 0 && actions.length === 0 && trigger._tag !== "Always",
      description,
      transition: at
    }
  }

/** A line as one text. */
export const lineText = (line: EdgeLine): string =>
  [line.event, line.guard === null ? null : `[${line.guard}]`, effectText(line)]
    .filter((part) => part !== null)
    .join(" ")

/** A line with the description of its transition, for tooltips. */
export const describedText = (line: EdgeLine): string =>
  line.description === null ? lineText(line) : `${lineText(line)}: ${line.description.replaceAll(/\s+/g, " ").trim()}`

/** The actions of a transition after its event and guard; null if it has none. */
export const effectText = ({ actions, reenter, ignored }: EdgeLine): string | null => {
  if (ignored) return "(ignored)"
  const parts = [...(actions.length === 0 ? [] : [`/ ${actions.join(", ")}`]), ...(reenter ? ["(re-enters)"] : [])]
  return parts.length === 0 ? null : parts.join(" ")
}

export const startLine = (
  event: string | null,
  guard: string | null,
  actions: ReadonlyArray<string>
): ReadonlyArray<EdgeLine> =>
  event === null && guard === null && actions.length === 0
    ? []
    : [{ event, guard, timed: false, actions, reenter: false, ignored: false, description: null, transition: null }]

/** A line as text in a format that has no clock symbol. */
export const timedText = (line: EdgeLine): string => `${lineText(line)}${line.timed ? " (by time)" : ""}`
