/** A service that restarts every few calls on the same directory. */
import type { KmsAdapter } from "../../../src/conformance/adapters/adapter.ts"

/** `fresh` makes an empty place each time the suite needs an empty service. Restarts use the same place again. */
export const restarting = (
  inner: KmsAdapter,
  { every, fresh }: { readonly every: number; readonly fresh: () => void }
): KmsAdapter => {
  let calls = 0
  let began = ""
  return {
    ...inner,
    name: `${inner.name}, restarted every ${every} calls`,
    start: async (seed) => {
      began = seed
      fresh()
      await inner.start(seed)
    },
    call: async (operation, request, ...caller) => {
      if (++calls % every === 0) {
        await inner.stop()
        await inner.start(began)
      }
      return inner.call(operation, request, ...caller)
    }
  }
}
