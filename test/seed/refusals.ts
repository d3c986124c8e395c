/** Refusals of seeds, as the library gives them out. */
import { SeedRefused } from "../../src/promise.ts"

export const isSeedRefused = (error: unknown): error is SeedRefused => error instanceof SeedRefused
