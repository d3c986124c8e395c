/** The commands that the current page adds to the command palette. */
import { useEffect } from "react"

export interface Command {
  readonly id: string
  readonly name: string
  /** What kind of command it is: `Page`, `Key`, `Action`. */
  readonly kind: string
  /** Other texts by which a search finds it. */
  readonly also?: string
  readonly act: () => void
}

const known = new Set<ReadonlyArray<Command>>()

export const ownCommands = (): ReadonlyArray<Command> => [...known].flat()

/** Offers the commands while the component is on the page. */
export const useCommands = (commands: ReadonlyArray<Command>): void =>
  useEffect(() => {
    known.add(commands)
    return () => void known.delete(commands)
  })
