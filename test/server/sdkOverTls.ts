/** The vendor's SDK with its default protocol, in a process that trusts the authority of NODE_EXTRA_CA_CERTS. */
import Kms, { CreateKeyRequest, DecryptRequest, EncryptRequest } from "@alicloud/kms20160120"
import { Config } from "@alicloud/rpc-client"
import { sdkTimeouts } from "../patience.ts"

const [endpoint = "", accessKeyId = "", accessKeySecret = ""] = process.argv.slice(2)
const sdk = new Kms.default(
  new Config({ endpoint, accessKeyId, accessKeySecret, regionId: "cn-hangzhou", type: "access_key", ...sdkTimeouts })
)
const { keyMetadata } = await sdk.createKey(new CreateKeyRequest({}))
const plaintext = Buffer.from("over TLS").toString("base64")
const { ciphertextBlob } = await sdk.encrypt(new EncryptRequest({ keyId: keyMetadata?.keyId, plaintext }))
const opened = await sdk.decrypt(new DecryptRequest({ ciphertextBlob }))
process.stdout.write(Buffer.from(opened.plaintext ?? "", "base64").toString())
