/** Stores that several consoles of one test share: in memory, and on PostgreSQL. */
import { Effect, Layer } from "effect"
import type { OwnStore } from "../../src/main.ts"
import { postgres } from "../../src/postgres.ts"
import { Driver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { patientMillis } from "../store/postgres/server.ts"
import type { TestServer } from "../store/postgres/server.ts"

export const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

/** Functions that make a store, by its name. */
export const sharedStores = (server: TestServer): ReadonlyArray<readonly [string, () => Promise<OwnStore>]> => [
  ["a memory that is shared", async () => Layer.succeed(Driver, await Effect.runPromise(sharedMemoryDriver))],
  ["PostgreSQL", async () => postgres(await server.newDatabase(), { tls: "off", timeoutMillis: patientMillis })]
]
