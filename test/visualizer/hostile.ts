/** A machine whose names try to break out of every output format. */
import { createMachine } from "xstate"

/** Each name is syntax in one of the languages. */
export const hostileNames = [
  '"quote',
  "<script>alert(1)</script>",
  "a --> b",
  "] ; }",
  "back\\slash",
  "\u001b[31mred",
  "line\nbreak",
  "@enduml",
  "a, b: c;",
  "&amp; #35;",
  "\u202eright to left",
  "unpaired \ud800 half",
  "*/ -->",
  "a.b"
] as const

/** Every name is a state, an event and a description; each state leads to the next. */
export const hostileMachine = createMachine({
  id: 'bad"<id>',
  initial: "s0",
  states: Object.fromEntries(
    hostileNames.map((name, at) => [
      `s${at}`,
      {
        initial: name,
        states: { [name]: { description: name } },
        on: at + 1 < hostileNames.length ? { [name]: `s${at + 1}` } : {}
      }
    ])
  )
})
