/** Ends the processes that a command started when the command gets a signal. */

/** A signal that ends a process skips its exit handlers, which kill its child processes. */
export const endOnSignal = (): void => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(1))
}
