/**
 * A KMS plugin of Kubernetes (KMS v2): a gRPC server on a Unix socket that encrypts by a CMK of Keystate.
 * Run: `node plugin.ts SOCKET KEY CLUSTER`, with KEYSTATE_ENDPOINT and the access key in the environment.
 */
import { chmodSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import Kms from "@alicloud/kms20160120"
import { Config } from "@alicloud/rpc-client"
import { Server, ServerCredentials, loadPackageDefinition, status } from "@grpc/grpc-js"
import type { ServiceDefinition, UntypedServiceImplementation, handleUnaryCall } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"

const proto = fileURLToPath(new URL("kmsV2.proto", import.meta.url))

/** Names of fields as in the file, and bytes as Buffers. */
export const definition = loadPackageDefinition(loadSync(proto, { keepCase: true, defaults: true }))

interface Encrypted {
  readonly ciphertext: Buffer
  readonly key_id: string
  readonly annotations: Readonly<Record<string, Buffer>>
}

/** The name has the form of a domain name, as Kubernetes requires. A later format of the plugin gets another value. */
const formatName = "format.kms-plugin.keystate.example"
const format = "1"

/** A refusal of the plugin itself. */
class Refused extends Error {
  readonly code = status.INVALID_ARGUMENT
}

/** The KMS as this plugin uses it. */
const keyOf = (client: Kms.default, keyId: string, cluster: string) => {
  // A ciphertext of one cluster does not open in another one, and the audit log names the cluster.
  const encryptionContext = JSON.stringify({ kubernetesCluster: cluster })
  /** Another version is another key: so the API server notices a rotation. */
  const idOf = (reply: { readonly keyId: string; readonly keyVersionId: string }): string =>
    `${reply.keyId}/${reply.keyVersionId}`
  return {
    encrypt: async (plaintext: Buffer): Promise<Encrypted> => {
      const request = new Kms.EncryptRequest({ keyId, encryptionContext, plaintext: plaintext.toString("base64") })
      const reply = await client.encrypt(request)
      const ciphertext = Buffer.from(reply.ciphertextBlob, "base64")
      return { ciphertext, key_id: idOf(reply), annotations: { [formatName]: Buffer.from(format) } }
    },
    decrypt: async ({ annotations, ciphertext, key_id }: Encrypted): Promise<Buffer> => {
      if (annotations[formatName]?.toString() !== format) throw new Refused("The annotations are not of this plugin.")
      const ciphertextBlob = ciphertext.toString("base64")
      const reply = await client.decrypt(new Kms.DecryptRequest({ ciphertextBlob, encryptionContext }))
      if (idOf(reply) !== key_id) throw new Refused("The ciphertext is not of the key that key_id names.")
      return Buffer.from(reply.plaintext, "base64")
    }
  }
}

/** The code of the KMS for a refusal, and the name of the failure for a server that cannot be reached. */
const reasonOf = (failure: unknown): string => {
  const data: unknown = Reflect.get(Object(failure), "data")
  const code: unknown = Reflect.get(Object(data), "Code") ?? Reflect.get(Object(failure), "code")
  return typeof code === "string" ? code : "Unavailable"
}

const grpcCodes: ReadonlyArray<readonly [RegExp, status]> = [
  [/^Forbidden\.NoPermission$/, status.PERMISSION_DENIED],
  [/^(Forbidden\..*NotFound|InvalidCiphertext|InvalidParameter)/, status.INVALID_ARGUMENT],
  [/^Rejected\.(Disabled|PendingDeletion|PendingImport|Unavailable)$/, status.FAILED_PRECONDITION]
]

/** The error of a call, in the words of gRPC. */
const grpcError = (failure: unknown): { readonly code: status; readonly details: string } => {
  if (failure instanceof Refused) return { code: failure.code, details: failure.message }
  const reason = reasonOf(failure)
  const code = grpcCodes.find(([form]) => form.test(reason))?.[1] ?? status.UNAVAILABLE
  return { code, details: `The KMS refused the call: ${reason}.` }
}

/** One line for each call of the API server. It never has a plaintext or a ciphertext. */
const log = (call: string, uid: string, outcome: string): void => {
  process.stderr.write(`${JSON.stringify({ call, uid, outcome })}\n`)
}

interface Asked {
  readonly uid: string
}

/** A handler of gRPC for a function that returns a promise. */
const unary =
  <In extends Asked, Out>(call: string, answer: (request: In) => Promise<Out>): handleUnaryCall<In, Out> =>
  ({ request }, reply) => {
    answer(request).then(
      (value) => {
        log(call, request.uid, "ok")
        reply(null, value)
      },
      (failure: unknown) => {
        const error = grpcError(failure)
        log(call, request.uid, error.details)
        reply(error)
      }
    )
  }

/** The three calls of KeyManagementService. */
export const makeService = (client: Kms.default, keyId: string, cluster: string): UntypedServiceImplementation => {
  const key = keyOf(client, keyId, cluster)
  let lastKeyId = "unknown"
  /** Uses the key as the API server will: a key that is there but may not be used is no healthy key. */
  const answerStatus = async () => {
    try {
      const probe = Buffer.from("status")
      const sealed = await key.encrypt(probe)
      const isSame = probe.equals(await key.decrypt(sealed))
      lastKeyId = sealed.key_id
      return { version: "v2", healthz: isSame ? "ok" : "The key does not decrypt what it encrypted.", key_id: lastKeyId }
    } catch (failure) {
      return { version: "v2", healthz: grpcError(failure).details, key_id: lastKeyId }
    }
  }
  return {
    Status: unary("Status", answerStatus),
    Encrypt: unary("Encrypt", ({ plaintext }: Asked & { readonly plaintext: Buffer }) => key.encrypt(plaintext)),
    Decrypt: unary("Decrypt", async (request: Asked & Encrypted) => ({ plaintext: await key.decrypt(request) }))
  }
}

/** The definition of the service, of the loaded file. */
const serviceIn = (loaded: typeof definition): ServiceDefinition => {
  const found: unknown = Reflect.get(Object(loaded["v2"]), "KeyManagementService")
  return Reflect.get(Object(found), "service") as ServiceDefinition
}

/** Listens on the socket, which only its owner can use. */
export const listen = (service: UntypedServiceImplementation, socket: string): Promise<Server> => {
  const server = new Server()
  server.addService(serviceIn(definition), service)
  // A plugin that was killed leaves its socket behind.
  rmSync(socket, { force: true })
  const before = process.umask(0o077)
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (failure) => {
      process.umask(before)
      if (failure !== null) return reject(failure)
      chmodSync(socket, 0o600)
      return resolve(server)
    })
  })
}

// Node 22 has no import.meta.main.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [socket, key, cluster] = process.argv.slice(2)
  const { ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, KEYSTATE_ENDPOINT } = process.env
  if (socket === undefined || key === undefined || cluster === undefined || KEYSTATE_ENDPOINT === undefined) {
    process.stderr.write("Run: KEYSTATE_ENDPOINT=http://127.0.0.1:8787 node plugin.ts SOCKET KEY CLUSTER\n")
    process.exit(64)
  }
  const { host, protocol } = new URL(KEYSTATE_ENDPOINT)
  const config = new Config({
    accessKeyId: ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: host,
    protocol: protocol.replace(":", ""),
    type: "access_key"
  })
  const server = await listen(makeService(new Kms.default(config), key, cluster), socket)
  process.stderr.write(`The plugin listens on ${socket}.\n`)
  process.once("SIGTERM", () => server.tryShutdown(() => rmSync(socket, { force: true })))
}
