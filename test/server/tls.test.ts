/** HTTPS: certificates from files and created ones, both ports, reloads, client certificates, acs:SecureTransport. */
import { execFile, execFileSync } from "node:child_process"
import { X509Certificate, generateKeyPairSync, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { request as plainRequest } from "node:http"
import { request } from "node:https"
import { connect as connectPlain } from "node:net"
import { join } from "node:path"
import { connect } from "node:tls"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { servedTls } from "../../src/cli/server/tls.ts"
import { clientAddress, isEncrypted } from "../../src/wire/addresses.ts"
import { parseBlock } from "../../src/domain/address.ts"
import { authorityCertificate, newPrivateKey, serverCertificate } from "../../src/server/tls/issue.ts"
import { namesOf, openSelfSigned } from "../../src/server/tls/selfSigned.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { newDirectory as newPath } from "../store/places.ts"
import { serveWithLine } from "./stopping.ts"
import { form } from "./signed.ts"

const sdkScript = fileURLToPath(new URL("sdkOverTls.ts", import.meta.url))
const usualPort = 8443
const noPort = 70_000
const start = Date.parse("2026-03-01T00:00:00Z")

const newDirectory = (): string => {
  const path = newPath()
  mkdirSync(path)
  return path
}

const circumstances = (nowMillis = Date.now()) => ({
  serial: randomBytes(16),
  serverSerial: randomBytes(16),
  nowMillis
})

/** A server in memory with a certificate that was created in the directory. */
const serveSelfSigned = (directory: string, ...more: ReadonlyArray<string>) =>
  serveWithLine("--store", "memory", "--tls", "self-signed", "--tls-directory", directory, ...more)

/** A certificate and its key in two files, signed by their own authority. */
const writePair = (directory: string, names: ReadonlyArray<string> = ["127.0.0.1"]) => {
  const authorityKey = newPrivateKey()
  const authority = { key: authorityKey, certificate: authorityCertificate(authorityKey, "test", circumstances()) }
  const key = newPrivateKey()
  const certificate = serverCertificate(authority, key, names, circumstances())
  const paths = { cert: join(directory, "server.crt"), key: join(directory, "server.key"), ca: authority.certificate }
  writeFileSync(paths.key, key)
  writeFileSync(paths.cert, certificate)
  return { ...paths, fingerprint: new X509Certificate(certificate).fingerprint256, authority }
}

interface RequestOptions {
  readonly ca: string
  readonly body?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cert?: string
  readonly key?: string
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly cookie: string
}

const ask = (url: string, { ca, body, cert, key, path = "/", headers = {} }: RequestOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, protocol } = new URL(url)
    const method = body === undefined ? "GET" : "POST"
    const more = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }
    const options = { host: hostname, port, path, method, headers: { ...more, ...headers }, agent: false }
    const send = protocol === "https:" ? request({ ...options, ca, cert, key }) : plainRequest(options)
    send.on("error", reject)
    send.on("response", (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => (text += String(chunk)))
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, cookie: String(response.headers["set-cookie"] ?? "") })
      )
    })
    send.end(body)
  })

/** The certificate that a new connection is shown. */
const shownBy = (port: number, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ca })
    socket.on("error", reject)
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
  })

/** Repeats until it is true: the time between two checks of the files is not tested. */
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100))
}

const openssl = (...args: ReadonlyArray<string | undefined>): void => {
  execFileSync(
    "openssl",
    args.flatMap((arg) => arg ?? []),
    { stdio: "pipe" }
  )
}

const text = (given: string | undefined) => Option.fromUndefinedOr(given)

interface TlsGiven {
  readonly tls?: "off" | "self-signed"
  readonly cert?: string
  readonly key?: string
  readonly clientCa?: string
  readonly directory?: string
  readonly port?: number
}

/** The output and exit code of `serve` with these flags. */
const refusalOf = (data: string, { tls = "off", cert, clientCa, directory, key, port }: TlsGiven): Promise<string> =>
  Effect.runPromise(
    servedTls(
      {
        tls,
        tlsCert: text(cert),
        tlsKey: text(key),
        tlsClientCa: text(clientCa),
        tlsDirectory: text(directory),
        tlsPort: Option.fromUndefinedOr(port)
      },
      { host: "127.0.0.1", allowedHosts: [], data },
      () => 0
    ).pipe(
      Effect.flip,
      Effect.map(({ userMessage }) => userMessage ?? "")
    )
  )

describe("created certificates", () => {
  const names = namesOf("127.0.0.1", ["kms.example"])

  it("created certificates cover every name of the machine and every allowed host", () => {
    const directory = join(newDirectory(), "tls")
    const { authorityPath, fingerprint, identity } = openSelfSigned(directory, names, circumstances(start))
    const server = new X509Certificate(identity.certificate)
    const authority = new X509Certificate(readFileSync(authorityPath))
    expect(server.verify(authority.publicKey)).toBe(true)
    expect(server.checkIssued(authority)).toBe(true)
    expect(["localhost", "kms.example"].map((name) => server.checkHost(name))).toEqual(["localhost", "kms.example"])
    expect(["127.0.0.1", "::1"].map((name) => server.checkIP(name))).toEqual(["127.0.0.1", "::1"])
    expect(server.ca).toBe(false)
    expect(authority.ca).toBe(true)
    expect(fingerprint).toBe(authority.fingerprint256)
    expect(new X509Certificate(identity.certificate.split(/(?=-----BEGIN CERT)/)[2] ?? "").fingerprint256).toBe(
      fingerprint
    )
  })

  it("private keys of created certificates are readable by their owner only", () => {
    const directory = join(newDirectory(), "tls")
    openSelfSigned(directory, names, circumstances(start))
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o077] as const)
    expect(Object.fromEntries(modes)).toEqual({ "ca.key": 0, "ca.pem": 0o044, "server.pem": 0 })
  })

  it("created certificates do not change at the next start, and a renewal keeps the authority", () => {
    const directory = join(newDirectory(), "tls")
    const first = openSelfSigned(directory, names, circumstances(start))
    const second = openSelfSigned(directory, names, circumstances(start + 1))
    expect(second).toEqual(first)
    const nearItsEnd = start + 380 * 86_400_000
    const renewed = openSelfSigned(directory, names, circumstances(nearItsEnd))
    expect(renewed.fingerprint).toBe(first.fingerprint)
    expect(renewed.identity.certificate).not.toBe(first.identity.certificate)
    const other = openSelfSigned(directory, [...names, "other.example"], circumstances(nearItsEnd))
    expect(new X509Certificate(other.identity.certificate).checkHost("other.example")).toBe("other.example")
    expect(statSync(join(directory, "server.pem")).mode & 0o077).toBe(0)
  })

  it("created certificates are complete after a start that was killed between two files", () => {
    const directory = join(newDirectory(), "tls")
    openSelfSigned(directory, names, circumstances(start))
    for (const lost of [["server.pem"], ["server.pem", "ca.pem"]]) {
      for (const name of lost) rmSync(join(directory, name))
      const { identity, authorityPath } = openSelfSigned(directory, names, circumstances(start))
      const authority = new X509Certificate(readFileSync(authorityPath))
      expect(new X509Certificate(identity.certificate).verify(authority.publicKey)).toBe(true)
    }
  })

  it("created certificates are not replaced if the authority's private key is lost", () => {
    const directory = join(newDirectory(), "tls")
    openSelfSigned(directory, names, circumstances(start))
    rmSync(join(directory, "ca.key"))
    expect(() => openSelfSigned(directory, names, circumstances(start))).toThrow(/has lost its private key/)
    expect(existsSync(join(directory, "ca.key"))).toBe(false)
  })
})

describe("a server with a created certificate", () => {
  it("a server with a created certificate answers the vendor's SDK over HTTPS", async () => {
    const directory = join(newDirectory(), "tls")
    const { line, signal, ended } = await serveSelfSigned(directory)
    expect(line).toMatchObject({ url: expect.stringMatching(/^https:/), plainUrl: null, ca: join(directory, "ca.pem") })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [sdkScript, new URL(String(line["url"])).host, accessKeyId, secret],
      { env: { PATH: process.env["PATH"], NODE_EXTRA_CA_CERTS: join(directory, "ca.pem") } }
    )
    expect(stdout).toBe("over TLS")
    // Without --tls-port, HTTPS uses the only port.
    await expect(ask(String(line["url"]).replace("https", "http"), { ca: "" })).rejects.toThrow()
    signal("SIGTERM")
    expect(await ended).toBe(0)
  })

  it("the other port uses plain HTTP, and policies see the protocol of a request", async () => {
    const directory = join(newDirectory(), "tls")
    const { line, signal, ended } = await serveSelfSigned(directory, "--tls-port", "0", "--trusted-proxy", "127.0.0.2")
    const ca = readFileSync(join(directory, "ca.pem"), "utf8")
    const [url, plainUrl] = [String(line["url"]), String(line["plainUrl"])]
    expect([url, plainUrl]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^http:/)])
    const ram = (action: string, parameters: Readonly<Record<string, string>>) =>
      ask(url, { ca, body: form(action, { Version: "2015-05-01", ...parameters }) })
    await ram("CreateUser", { UserName: "alice" })
    const made = JSON.parse((await ram("CreateAccessKey", { UserName: "alice" })).text) as {
      readonly AccessKey: { readonly AccessKeyId: string; readonly AccessKeySecret: string }
    }
    const PolicyDocument = JSON.stringify({
      Version: "1",
      Statement: [
        {
          Effect: "Allow",
          Action: "kms:ListKeys",
          Resource: "*",
          Condition: { Bool: { "acs:SecureTransport": "true" } }
        }
      ]
    })
    await ram("CreatePolicy", { PolicyName: "encrypted", PolicyDocument })
    await ram("AttachPolicyToUser", { UserName: "alice", PolicyType: "Custom", PolicyName: "encrypted" })
    const { AccessKeyId, AccessKeySecret } = made.AccessKey
    const asAlice = (to: string, headers = {}) => {
      const body = form("ListKeys", {}, { accessKeyId: AccessKeyId, secret: AccessKeySecret })
      return ask(to, { ca, body, headers })
    }
    expect((await asAlice(url)).status).toBe(200)
    expect(await asAlice(plainUrl)).toMatchObject({ status: 403, text: expect.stringContaining("Forbidden") })
    // This client is not a trusted proxy.
    expect((await asAlice(plainUrl, { "x-forwarded-proto": "https" })).status).toBe(403)
    signal("SIGTERM")
    expect(await ended).toBe(0)
  })

  it("a server stops while a client has not finished its TLS handshake", async () => {
    const directory = join(newDirectory(), "tls")
    const { port, signal, ended } = await serveSelfSigned(directory)
    const socket = connectPlain(port, "127.0.0.1")
    const closed = new Promise((resolve) => socket.on("close", resolve).on("error", () => undefined))
    await new Promise((resolve) => socket.on("connect", resolve))
    socket.write(Buffer.from([0x16, 0x03, 0x01]))
    await shownBy(port, readFileSync(join(directory, "ca.pem"), "utf8"))
    signal("SIGTERM")
    expect(await ended).toBe(0)
    await closed
  })

  it("the console's cookie is sent only over encrypted connections", async () => {
    const directory = join(newDirectory(), "tls")
    const { line, signal, ended } = await serveSelfSigned(directory, "--tls-port", "0")
    const ca = readFileSync(join(directory, "ca.pem"), "utf8")
    const signIn = (url: string) =>
      ask(url, {
        ca,
        path: "/console/api/session",
        body: JSON.stringify({ accessKeyId, accessKeySecret: secret }),
        headers: { "content-type": "application/json", "x-keystate-console": "1" }
      })
    expect((await signIn(String(line["url"]))).cookie).toContain("; Secure")
    const plain = await signIn(String(line["plainUrl"]))
    expect(plain.cookie).toMatch(/^keystate_/)
    expect(plain.cookie).not.toContain("Secure")
    signal("SIGTERM")
    expect(await ended).toBe(0)
  })
})

describe("a server with a certificate from files", () => {
  it("the server loads a changed certificate, and keeps the old one if the files are invalid", async () => {
    const directory = newDirectory()
    const old = writePair(directory)
    const { port, signal, ended } = await serveWithLine(
      "--store",
      "memory",
      "--tls-cert",
      old.cert,
      "--tls-key",
      old.key
    )
    expect(await shownBy(port, old.ca)).toBe(old.fingerprint)
    writeFileSync(
      `${old.key}.new`,
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })
    )
    renameSync(`${old.key}.new`, old.key)
    signal("SIGHUP")
    const next = writePair(newDirectory())
    // The key without its certificate for the duration of a check: the server keeps the old pair.
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(await shownBy(port, old.ca)).toBe(old.fingerprint)
    writeFileSync(old.key, readFileSync(next.key))
    writeFileSync(old.cert, readFileSync(next.cert))
    await until(async () => (await shownBy(port, next.ca).catch(() => "")) === next.fingerprint)
    signal("SIGTERM")
    expect(await ended).toBe(0)
  })

  it("the server refuses clients without a certificate of the given authority", async () => {
    const directory = newDirectory()
    const pair = writePair(directory)
    const ca = join(directory, "clients.pem")
    writeFileSync(ca, pair.authority.certificate)
    const { line, signal, ended } = await serveWithLine(
      "--store",
      "memory",
      "--tls-cert",
      pair.cert,
      "--tls-key",
      pair.key,
      "--tls-client-ca",
      ca
    )
    const url = String(line["url"])
    const key = newPrivateKey()
    const files = Object.fromEntries(
      ["ca.key", "client.key", "csr", "crt"].map((name) => [name, join(directory, name)])
    )
    writeFileSync(files["ca.key"] ?? "", pair.authority.key)
    writeFileSync(files["client.key"] ?? "", key)
    openssl("req", "-new", "-key", files["client.key"], "-subj", "/CN=client", "-out", files["csr"])
    const byAuthority = ["-CA", ca, "-CAkey", files["ca.key"], "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", files["csr"], ...byAuthority, "-out", files["crt"])
    const client = { cert: readFileSync(files["crt"] ?? "", "utf8"), key }
    expect(await ask(url, { ca: pair.ca, path: "/livez", ...client })).toMatchObject({ status: 200 })
    // The authority signs server certificates only; OpenSSL checks clients for another purpose.
    const asServer = serverCertificate(pair.authority, key, ["client"], circumstances())
    await expect(ask(url, { ca: pair.ca, path: "/livez" })).rejects.toThrow()
    await expect(ask(url, { ca: pair.ca, path: "/livez", cert: asServer, key })).rejects.toThrow()
    const other = writePair(newDirectory())
    const foreign = { cert: readFileSync(other.cert, "utf8"), key: readFileSync(other.key, "utf8") }
    await expect(ask(url, { ca: pair.ca, path: "/livez", ...foreign })).rejects.toThrow()
    signal("SIGTERM")
    expect(await ended).toBe(0)
  })

  it("the server names the fault of the TLS files or flags, and creates nothing", async () => {
    const directory = newDirectory()
    const { cert, key } = writePair(directory)
    const other = writePair(newDirectory())
    const plain = join(directory, "text.pem")
    const missing = join(directory, "missing.pem")
    const data = join(directory, "data")
    const sealed = join(directory, "sealed.key")
    writeFileSync(plain, "no certificate")
    openssl("pkcs8", "-topk8", "-in", key, "-out", sealed, "-passout", "pass:secret")
    const expected: ReadonlyArray<readonly [TlsGiven, string]> = [
      [{ cert: missing, key }, `The certificate ${missing} does not exist.`],
      [{ cert: plain, key }, `The certificate ${plain} has no certificate in PEM form.`],
      [{ cert, key: plain }, `The private key ${plain} has no private key in PEM form.`],
      [{ cert, key: other.key }, `The private key ${other.key} does not belong to the certificate ${cert}.`],
      [
        { cert, key: sealed },
        `The private key ${sealed} is protected by a passphrase; give a key without one, readable by the server only.`
      ],
      [{ cert, key, clientCa: plain }, `The client authority ${plain} has no certificate in PEM form.`],
      [{ cert }, "--tls-cert and --tls-key go together: give both, or neither."],
      [{ key }, "--tls-cert and --tls-key go together: give both, or neither."],
      [{ tls: "self-signed", cert, key }, "--tls self-signed cannot be combined with --tls-cert or --tls-key."],
      [{ tls: "self-signed", clientCa: cert }, "--tls-client-ca needs --tls-cert and --tls-key."],
      [{ cert, key, directory }, "--tls-directory needs --tls self-signed."],
      [{ port: usualPort }, "--tls-port needs --tls-cert and --tls-key, or --tls self-signed."],
      [{ tls: "self-signed", port: noPort }, "--tls-port takes 0 to 65535, not 70000."],
      [
        { tls: "self-signed", directory: join(cert, "tls") },
        `The directory ${join(cert, "tls")} for TLS cannot be used (ENOTDIR).`
      ]
    ]
    for (const [given, message] of expected) expect(await refusalOf(data, given)).toBe(message)
    expect(existsSync(data)).toBe(false)
    expect(existsSync(`${data}-tls`)).toBe(false)
  })
})

describe("a request behind a trusted proxy", () => {
  const trusted = [parseBlock("10.0.0.0/8")].flatMap((block) => block ?? [])
  const from = (remoteAddress: string, scheme: string | undefined, encrypted = false) =>
    isEncrypted(
      {
        headers: scheme === undefined ? {} : { "x-forwarded-proto": scheme },
        socket: Object.assign(Object.create(null), { remoteAddress }, encrypted ? { encrypted } : {})
      },
      trusted
    )

  it("only a trusted proxy may say that a request was encrypted", () => {
    expect(from("10.1.2.3", "https")).toBe(true)
    expect(from("10.1.2.3", "HTTPS, https")).toBe(true)
    expect(from("10.1.2.3", "https, http")).toBe(false)
    expect(from("10.1.2.3", "http", true)).toBe(false)
    expect(from("10.1.2.3", undefined, true)).toBe(false)
    expect(from("192.0.2.1", "https")).toBe(false)
    expect(from("192.0.2.1", "http", true)).toBe(true)
    expect(
      clientAddress(
        { headers: {}, socket: Object.assign(Object.create(null), { remoteAddress: "192.0.2.1" }) },
        trusted
      )
    ).toBe("192.0.2.1")
  })
})
