/** An engine for users' own tests: in this process, on a clock that stands still, with ids that repeat themselves. */
import { createKms } from "./promise.ts"
import type { KmsOptions, PromiseKms } from "./promise.ts"

export interface TestKmsOptions extends Omit<KmsOptions, "clock"> {
  /** Ids, nonces and keys all follow from it; two engines of one seed behave alike. */
  readonly seed?: string
}

/**
 * A fresh engine in memory. Its keys follow from the seed and protect nothing: never use it outside tests.
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
