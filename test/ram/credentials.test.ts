/** The vendor's credential provider assumes a role by its ARN. It uses only HTTPS, so a proxy ends TLS here. */
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { request } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { startServer } from "../guide/serverFixture.ts"
import { codeOf, popClient } from "./vendorClients.ts"
import type { Signer } from "./vendorClients.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-credentials-"))
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")]
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...kind, ...subject, ...files], { stdio: "ignore" })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Forwards each request to the server unchanged. */
const startProxy = async (url: string) => {
  const files = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) }
  const proxy = createServer(files, (from, to) => {
    const { method, headers } = from
    const onward = request(`${url}${from.url}`, { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    from.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  const { port } = proxy.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void proxy.close(() => resolve()))
  }
}

/** A process that trusts the proxy's certificate and prints the credentials. */
const program = `
const { RAMRoleARNCredentialsProvider, StaticAKCredentialsProvider } = require("@alicloud/credentials")
const { id, secret, roleArn, host } = JSON.parse(process.argv[1])
const own = StaticAKCredentialsProvider.builder().withAccessKeyId(id).withAccessKeySecret(secret).build()
const provider = RAMRoleARNCredentialsProvider.builder()
  .withCredentialsProvider(own).withRoleArn(roleArn).withRoleSessionName("shift").withStsEndpoint(host).build()
provider.getCredentials().then((got) => console.log(JSON.stringify(got)))
`

const provided = (asked: object): Promise<Signer> =>
  new Promise((resolve, reject) => {
    const env = { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") }
    execFile(process.execPath, ["-e", program, JSON.stringify(asked)], { cwd: process.cwd(), env }, (error, out) =>
      error === null ? resolve(JSON.parse(out) as Signer) : reject(error)
    )
  })

it("the vendor's credential provider gets credentials of a role, and KMS accepts them", async () => {
  await using server = await startServer()
  await using proxy = await startProxy(server.url)
  const { ram } = server
  await ram("CreateUser", { UserName: "alice" })
  await ram("AttachPolicyToUser", {
    UserName: "alice",
    PolicyType: "System",
    PolicyName: "AliyunSTSAssumeRoleAccess"
  })
  const made = (await ram("CreateAccessKey", { UserName: "alice" })) as {
    readonly AccessKey: { readonly AccessKeyId: string; readonly AccessKeySecret: string }
  }
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: ["acs:ram::1000000000000001:root"] } }
  await ram("CreateRole", {
    RoleName: "worker",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "1", Statement: [trust] })
  })
  await ram("AttachPolicyToRole", {
    RoleName: "worker",
    PolicyType: "System",
    PolicyName: "AliyunKMSReadOnlyAccess"
  })
  const { AccessKeyId: id, AccessKeySecret: secret } = made.AccessKey
  const got = await provided({ id, secret, roleArn: "acs:ram::1000000000000001:role/worker", host: proxy.host })
  expect(got.accessKeyId).toMatch(/^STS\./)
  const kms = popClient(server.url, "2016-01-20", {
    accessKeyId: got.accessKeyId,
    accessKeySecret: got.accessKeySecret,
    securityToken: got.securityToken ?? ""
  })
  expect(await kms("ListKeys")).toMatchObject({ TotalCount: 0 })
  expect(await codeOf(kms("CreateKey"))).toBe("Forbidden.NoPermission")
})
