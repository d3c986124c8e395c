/** The store on PostgreSQL keeps the laws of stores and of shared stores. */
import { Effect, Layer } from "effect"
import { afterAll } from "vitest"
import { sharedStoreLaws } from "../../../src/conformance/store/index.ts"
import type { FailingStore, MakeDriver } from "../../../src/conformance/store/index.ts"
import { postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import { asTests } from "../../asTests.ts"
import { storeLaws } from "../storeLaws.ts"
import { startProxy } from "./proxy.ts"
import type { Proxy } from "./proxy.ts"
import { patientMillis, postgresForTests } from "./server.ts"

const server = postgresForTests()
const proxies: Array<Proxy> = []
afterAll(() => {
  for (const proxy of proxies) proxy.close()
})

const driverAt = (url: string) => postgresDriverLayer({ url, tls: "off", timeoutMillis: patientMillis })

/** The driver of an empty store, which is created at the first opening. */
const makePlace = (): MakeDriver => {
  let url: Promise<string> | undefined
  return () =>
    Layer.unwrap(
      Effect.map(
        Effect.promise(() => (url ??= server.emptyStore())),
        driverAt
      )
    )
}

/** The server behind a proxy that can be switched off. */
const makeFailing = (): FailingStore => {
  let proxy: Proxy | undefined
  const behindProxy = async (): Promise<string> => {
    const url = new URL(await server.emptyStore())
    proxy = await startProxy(server.get().port)
    proxies.push(proxy)
    url.port = String(proxy.port)
    return url.href
  }
  return {
    driver: Layer.unwrap(Effect.map(Effect.promise(behindProxy), driverAt)),
    fail: () => proxy?.refuse(),
    mend: () => proxy?.resume()
  }
}

storeLaws("PostgreSQL", () => makePlace()(), { makePlace, makeFailing })

asTests(
  "the PostgreSQL store with two handles",
  sharedStoreLaws(() => Effect.sync(makePlace))
)
