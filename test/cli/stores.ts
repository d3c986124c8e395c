/** Stores for tests of the command line. */
import { createKms } from "../../src/promise.ts"

/** Makes an empty store in a directory, as the first start of a server does. */
export const makeStore = async (directory: string): Promise<void> => {
  const kms = await createKms({ store: { directory } })
  await kms.close()
}
