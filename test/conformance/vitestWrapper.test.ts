/** The Vitest wrapper, used as in the how-to: one test for each law, and no law is skipped. */
import { overHttp } from "../../src/conformance/adapters/http.ts"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import { textOf } from "../../src/conformance/steps/reply.ts"
import { describeConformance } from "../../src/conformance/vitest.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import { patience } from "../patience.ts"

const served = async (): Promise<KmsAdapter> => {
  const server = await startServer({ clock: "virtual", hsm: "simulator" })
  const accessKey = { accessKeyId, accessKeySecret: secret }
  const adapter = await overHttp({ endpoint: server.url, accessKey, clock: Date.now })
  const { capabilities } = adapter
  let services = 0
  return {
    ...adapter,
    capabilities: { ...capabilities, profiles: [...capabilities.profiles, "service"] },
    createServiceKey: async () =>
      textOf(await server.pop("CreateServiceKey", { Service: `service${services++}` }), "KeyMetadata.KeyId") ?? "",
    stop: () => adapter.stop().finally(server.stop)
  }
}

describeConformance(served, { phases: ["metamorphic", "bursts", "exhaustive"], timeoutMillis: 2 * patience })
