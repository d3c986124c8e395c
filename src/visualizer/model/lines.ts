/** Transitions in words: what they wait for, what must hold, what they do. */
import type { ChartTransition, Guard } from "./chart.ts"
import { guardText } from "./guards.ts"
import { isWithin } from "./paths.ts"
import { triggerText } from "./trigger.ts"

/** One transition, as it is written beside a line or in a state. */
export interface EdgeLine {
  /** What it waits for, in words; null where only a guard is waited for. */
  readonly event: string | null
  /** What must hold, in words. */
  readonly guard: string | null
  /** Whether the event is brought by time and not by a caller. */
  readonly timed: boolean
  readonly actions: ReadonlyArray<string>
  /** Whether the source is left and entered again, although the target lies in it. */
  readonly reenter: boolean
  /** Whether the event does nothing here, and states further out do not get it either. */
  readonly ignored: boolean
  /** Its place among the chart's transitions; null for a line that shows where something begins. */
  readonly transition: number | null
}

/** What a machine's definition does not say of itself and a reader wants to know. */
export interface Legend {
  /** Events that time brings, each with the guard that only says it is due and is not drawn. */
  readonly timers?: Readonly<Record<string, string>>
  /** The call that begins a box, by the box's path: `{ lifecycle: "CreateKey" }`. */
  readonly begins?: Readonly<Record<string, string>>
  /** Guards in words, by their names. */
  readonly guards?: Readonly<Record<string, string>>
  /** States that are only passed through at the start, by their paths; the start dot takes their place. */
  readonly passed?: ReadonlyArray<string>
  /** Leaves out actions, tags, and the box of the machine itself. */
  readonly plain?: boolean
}

/** `isSameMaterial` as `is same material`: names of guards are sentences in camel case. */
const spelled = (name: string): string =>
  name.replaceAll(/([a-z0-9])([A-Z])(?=[a-z])/g, (_all, before: string, after: string) => {
    return `${before} ${after.toLowerCase()}`
  })

/** A guard as a reader would say it. */
export const guardWords = (guard: Guard | null, otherwise: boolean, { guards = {} }: Legend): string | null => {
  const text =
    guard === null
      ? null
      : guardText(guard, (name) => (Object.hasOwn(guards, name) ? (guards[name] ?? name) : spelled(name)))
  if (!otherwise) return text
  return text === null ? "else" : `else if ${text}`
}

/** Whether a target in the source still leaves the source: only such a transition enters it again. */
const reenters = ({ source, targets, reenter }: ChartTransition): boolean =>
  reenter && targets.length > 0 && targets.every((target) => isWithin(target, source))

export type Reader = (transition: ChartTransition, at: number) => EdgeLine

export const readerOf =
  (legend: Legend): Reader =>
  (transition, at) => {
    const { trigger, guard, otherwise, actions, targets } = transition
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
      transition: at
    }
  }

/** The words of a line, as one text. */
export const lineText = (line: EdgeLine): string =>
  [line.event, line.guard === null ? null : `[${line.guard}]`, effectText(line)]
    .filter((part) => part !== null)
    .join(" ")

/** What a transition does, after its event and guard; null where it only leads elsewhere. */
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
    : [{ event, guard, timed: false, actions, reenter: false, ignored: false, transition: null }]

/** Words of a line as they stand in a language that has no place for the clock. */
export const timedText = (line: EdgeLine): string => `${lineText(line)}${line.timed ? " (by time)" : ""}`
