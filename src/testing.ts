/** An engine for users' own tests: in this process, with a clock that stands still and repeatable ids. */
import { createKms } from "./promise.ts"
import type { KmsOptions, PromiseKms } from "./promise.ts"

/** Options of `testKms` and `kmsFor`. */
export interface TestKmsOptions extends Omit<KmsOptions, "clock"> {
  /** The source of ids, nonces and keys. Two engines with the same seed behave alike. */
  readonly seed?: string
}

/**
 * A new engine in memory. Its keys follow from the seed and protect nothing: never use it outside tests.
 *
 * `await using kms = await testKms()` stops it at the end of the test.
 */
export const testKms = (options: TestKmsOptions = {}): Promise<PromiseKms> =>
  createKms({ hsm: "simulator", ...options, seed: options.seed ?? "keystate", store: "memory", clock: "virtual" })

interface TestContext {
  readonly onTestFinished: (cleanUp: () => Promise<void>) => void
}

/**
 * For runners with test contexts: the engine stops when the test is over.
 *
 * `test("…", async (context) => { const kms = await kmsFor(context) })`
 */
export const kmsFor = async (context: TestContext, options: TestKmsOptions = {}): Promise<PromiseKms> => {
  const kms = await testKms(options)
  context.onTestFinished(() => kms.close())
  return kms
}
