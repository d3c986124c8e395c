/** How long a test waits for what must happen: far longer than it takes on a machine ten times overloaded. */

/** In milliseconds. KEYSTATE_TEST_PATIENCE shortens it while a test is being written. */
export const patience = Number(process.env["KEYSTATE_TEST_PATIENCE"] ?? 600_000)
