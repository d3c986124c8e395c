/** A command that started processes and is told to end takes them with it. */

/** A signal that ends a process does not run its exit handlers, which kill what it started. */
export const endOnSignal = (): void => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(1))
}
