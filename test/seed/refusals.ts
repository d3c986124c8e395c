/** Refusals of seeds, as the library returns them. */
import { SeedRefused } from "../../src/promise.ts"

export const isSeedRefused = (error: unknown): error is SeedRefused => error instanceof SeedRefused
