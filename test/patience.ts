/** How long a test waits for an event: far longer than it takes on a machine ten times overloaded. */

/** In milliseconds. KEYSTATE_TEST_PATIENCE shortens it during the development of a test. */
export const patience = Number(process.env["KEYSTATE_TEST_PATIENCE"] ?? 600_000)

/** The vendor's clients wait 3 seconds for an answer by default, which is too short on a busy machine. */
export const sdkTimeouts = { readTimeout: patience, connectTimeout: patience } as const
