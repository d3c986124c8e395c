/** How long a test waits for something that must happen: far longer than it takes on a machine ten times overloaded. */
export const patience = 600_000
