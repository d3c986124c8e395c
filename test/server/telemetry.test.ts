/** The telemetry of a server: traces, metrics, log lines, and a separate port for monitoring. */
import { createServer } from "node:http"
import { Effect, Layer, Logger, ManagedRuntime, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { described } from "../../src/monitoring/described.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import type { ListenOptions } from "../../src/server/httpServer.ts"
import { at } from "../console/startConsole.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { form, post } from "./signed.ts"

type Watched = Pick<ListenOptions, "telemetry" | "monitoringPort">

const Plaintext = Buffer.from("a plaintext that must not be told").toString("base64")

const startWith = async (watched: Watched, loggers: ReadonlyArray<Logger.Logger<unknown, void>> = []) => {
  const engine = optionsOf("memory", { accessKey: { accessKeyId, secret: Redacted.make(secret) } })
  const layer = HttpServer.layer({ host: "127.0.0.1", port: 0, region: engine.realm.region, ...watched }).pipe(
    Layer.provideMerge(engineLayer(engine)),
    Layer.provide(Logger.layer(loggers))
  )
  const runtime = ManagedRuntime.make(layer)
  const { monitoringUrl, url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
  return { url, monitoringUrl: monitoringUrl ?? "", [Symbol.asyncDispose]: () => runtime.dispose() }
}

/** CreateKey, Encrypt, an Encrypt with a key that does not exist, and a request with a wrong signature. */
const useServer = async (url: string): Promise<{ keyId: string; blob: string }> => {
  const created = await post(url, form("CreateKey"))
  const keyId = String(at(created.body, "KeyMetadata", "KeyId"))
  const { body } = await post(url, form("Encrypt", { KeyId: keyId, Plaintext }))
  await post(url, form("Encrypt", { KeyId: "00000000-0000-4000-8000-000000000000", Plaintext }))
  await post(url, form("ListKeys", {}, { secret: "wrong" }))
  return { keyId, blob: String(at(body, "CiphertextBlob")) }
}

/** Stores the received data by path, as an OpenTelemetry collector receives it. */
const startCollector = async () => {
  const received: Array<{ readonly path: string; readonly text: string }> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      received.push({ path: request.url ?? "", text: Buffer.concat(chunks).toString() })
      response.setHeader("content-type", "application/json").end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const listAt = (value: unknown, ...path: ReadonlyArray<string | number>): ReadonlyArray<unknown> => {
    const found: unknown = at(value, ...path)
    return Array.isArray(found) ? found : []
  }
  const scopesIn = (path: string, resources: string, scopes: string, items: string) =>
    received
      .filter((one) => one.path === path)
      .flatMap(({ text }) => listAt(JSON.parse(text), resources))
      .flatMap((resource) => listAt(resource, scopes))
      .flatMap((scope) => listAt(scope, items))
  return {
    url: `http://127.0.0.1:${port}`,
    text: () => received.map(({ text }) => text).join("\n"),
    spans: () => scopesIn("/v1/traces", "resourceSpans", "scopeSpans", "spans"),
    metrics: () => scopesIn("/v1/metrics", "resourceMetrics", "scopeMetrics", "metrics"),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** Attributes as a record; OTLP wraps each value in its type. */
const attributesOf = (span: unknown): Readonly<Record<string, unknown>> => {
  const list: unknown = at(span, "attributes")
  if (!Array.isArray(list)) return {}
  return Object.fromEntries(
    list.map((one: unknown) => [String(at(one, "key")), Object.values(Object(at(one, "value")))[0]])
  )
}

describe("a server with an OpenTelemetry collector", () => {
  it("the server sends one span for each request, with operation, key and outcome, without secrets", async () => {
    await using collector = await startCollector()
    const traceId = "0af7651916cd43dd8448eb211c80319c"
    const used = await (async () => {
      await using server = await startWith({ telemetry: { otlp: `${collector.url}/` } })
      const found = await useServer(server.url)
      const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
      await fetch(server.url, { method: "POST", headers, body: new URLSearchParams(form("ListKeys")) })
      return found
    })()
    const spans = collector.spans()
    const told = spans
      .map(attributesOf)
      .map((all) => [all["rpc.method"], all["keystate.outcome"], all["keystate.key_id"]])
    expect(told).toEqual([
      ["CreateKey", "Success", used.keyId],
      ["Encrypt", "Success", used.keyId],
      ["Encrypt", "Forbidden.KeyNotFound", "00000000-0000-4000-8000-000000000000"],
      ["unauthenticated", "SignatureDoesNotMatch", undefined],
      ["ListKeys", "Success", undefined]
    ])
    expect(spans.map((span) => at(span, "name"))).toContain("kms Encrypt")
    expect([at(spans.at(-1), "traceId"), at(spans.at(-1), "parentSpanId")]).toEqual([traceId, "b7ad6b7169203331"])
    for (const hidden of [Plaintext, used.blob, secret]) expect(collector.text()).not.toContain(hidden)
  })

  it("the server sends the metrics of /metrics to the collector", async () => {
    await using collector = await startCollector()
    const shown = await (async () => {
      await using server = await startWith({ telemetry: { otlp: collector.url } })
      await useServer(server.url)
      return (await fetch(`${server.url}/metrics`)).text()
    })()
    const names = new Set(collector.metrics().map((metric) => String(at(metric, "name"))))
    const shownNames = [...shown.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "")
    expect([...names].toSorted()).toEqual(shownNames.toSorted())
    const requests = collector.metrics().findLast((metric) => at(metric, "name") === "keystate_requests_total")
    expect(JSON.stringify(requests)).toMatch(/"Forbidden\.KeyNotFound".*"asDouble":1/)
  })

  it("the server answers calls while the collector is away", async () => {
    await using server = await startWith({ telemetry: { otlp: "http://127.0.0.1:1" } })
    expect((await useServer(server.url)).keyId).not.toBe("undefined")
  })
})

/** The metrics of a server with one process, without a token and without a shared store, and their types. */
const shownAlone = Object.entries(described)
  .filter(([, description]) => !("shown" in description) || !/token|other servers|workers/.test(description.shown))
  .map(([name, { type }]) => [name, type])

describe("/metrics", () => {
  it("/metrics is text in Prometheus' format, with the metrics of the table and no others", async () => {
    await using server = await startWith({})
    await useServer(server.url)
    const text = await (await fetch(`${server.url}/metrics`)).text()
    const sample = /^[a-z_][a-z0-9_]*(\{([a-z_]+="[^"\\\n]*",?)+\})? (NaN|[+-]?(Inf|\d+(\.\d+)?(e[+-]?\d+)?))$/
    const about = /^# (HELP [a-z0-9_]+ \S.*|TYPE [a-z0-9_]+ (counter|gauge|histogram))$/
    expect(
      text
        .split("\n")
        .slice(0, -1)
        .filter((line) => !sample.test(line) && !about.test(line))
    ).toEqual([])
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = "", type]) => [name, type])
    expect(types.toSorted()).toEqual(shownAlone.toSorted())
    const buckets = [...text.matchAll(/^keystate_request_seconds_bucket\{operation="Encrypt",le="(\S+)"\} (\d+)$/gm)]
    const counts = buckets.map(([, , count]) => Number(count))
    expect([buckets.at(-1)?.[1], counts.at(-1), counts]).toEqual(["+Inf", 2, counts.toSorted((a, b) => a - b)])
  })
})

describe("a server with a port for monitoring", () => {
  it("a monitoring port answers the monitoring paths under every host name; the API port refuses", async () => {
    await using server = await startWith({ monitoringPort: 0 })
    const { monitoringUrl, url } = server
    const headers = { host: "prometheus.example" }
    expect(await (await fetch(`${monitoringUrl}/livez`, { headers })).text()).toBe("ok\n")
    expect(await (await fetch(`${monitoringUrl}/metrics`, { headers })).text()).toContain("keystate_store_up 1")
    expect(at(await (await fetch(`${monitoringUrl}/readyz`)).json(), "checks", 0, "detail")).toBe("answers")
    for (const path of ["/livez", "/readyz", "/metrics"]) expect((await fetch(`${url}${path}`)).status).toBe(404)
    expect((await fetch(`${monitoringUrl}/console/`)).status).toBe(404)
    expect((await fetch(monitoringUrl, { method: "POST", body: form("ListKeys") })).status).toBe(404)
  })
})

describe("the access log", () => {
  it("the access log has a line for each request, with its id, and nothing secret", async () => {
    const lines: Array<unknown> = []
    const logger = Logger.map(Logger.formatStructured, (line) => void lines.push(line))
    await using server = await startWith({ telemetry: { accessLog: true } }, [logger])
    const { keyId, blob } = await useServer(server.url)
    await expect.poll(() => lines.length).toBe(4)
    expect(at(lines[1], "annotations")).toMatchObject({
      operation: "Encrypt",
      outcome: "Success",
      status: 200,
      keyId,
      accessKeyId,
      address: "127.0.0.1",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/)
    })
    for (const hidden of [Plaintext, blob, secret]) expect(JSON.stringify(lines)).not.toContain(hidden)
  })
})
