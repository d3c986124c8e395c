/** Known answers of RSA: a key, signatures and ciphertexts from OpenSSL's command line. The key protects nothing. */
import { bytesToNumberBE, hexToBytes } from "@noble/curves/utils.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { encodeRsaPrivateKey } from "../asymmetric/pkcs8.ts"
import { rsaKeyOf } from "../asymmetric/rsaKeys.ts"
import { encodePkcs1, isPss, unpadPkcs1 } from "../asymmetric/rsaPadding.ts"
import { encodeRsaPublicKey } from "../asymmetric/spki.ts"
import type { Primitives } from "../primitives.ts"
import { same, spoiled } from "./compare.ts"

const p = hexToBytes(
  "f6dbea9d376176df61a3b624dac8ec1c081a04848a09716c4ee422287721da73fa1043eb5236200523e1ce553e1c36ed" +
    "f2082d834ce9f873cba0b18762b6d037e63e0ff27ba82ad9b6aeeca65f7a1103949452853bc824767ec43914945f72f3" +
    "70813ca90245ad635ee533ae6e7a1e21b6c0b8ae81e3d29fc848c9a4f9f62499"
)
const q = hexToBytes(
  "ba8af0edeeeb613d6ac1fbd19ec09f1e27e03b81b45083429360cf04b8fa2e021aba14a5fbf85d7d46158533a2f366f7" +
    "8c0b1daa90d7419684caebf16e674d2ab46a87b9c0779f4549539b07fa8829b930c5e4b59df0ca2277cb3d11bbb1087c" +
    "2ad0dab069db95dcdccefaae986bc3b6ea4096addea6952838ea350266637b5d"
)
const message = utf8ToBytes("keystate")
const pkcs1Signature = hexToBytes(
  "b0e04d6c84cf2dc82176f6a52a3356dc1e167fff64c181bc851f84b12b7210cda66b9e025b266b49bd947c2f2f19aac4" +
    "807ab5b1ce09d719fc9c1f34d0877c85498a72a9db2460c47b192cebc7e6a2e2e19e4e1e834e0dc9fc8ba8913082e87c" +
    "93b4b64886ab2615b41ed486c347c7ee9f98078aed684a73568ccb90943c2e28ba9cc4d83d5d92191a86e161d47d2776" +
    "3683420461bd92bd32c4517549dd36dfd84835346db8f099b1171f0ef5bd0b07dcba98778aa7f1e20ef8257cd744e251" +
    "096ed315a0e8722b8b8857a88a1e87d1395790e2886c91ac2abe60a8c4f52b0d78c1bea4a0777d884f696378a81802eb" +
    "b316398a87b31896c281ec9b1bb5b11b"
)
const pssSignature = hexToBytes(
  "42964d7d4e44b84198e5e8808fa5798da8d2886e06459eb4a4969d33342334ae259cfdb4f0c156d9555e4d5e6acc3a9c" +
    "3008045b958bc77e1f074e31647227726a6e4e81a49402e189f28e0efc981338a022c7ca2f3f19eaba8f89c8fd03674c" +
    "913cf989326792feb3665ae4c7aa5cc26f47aa1be5d413421314eae1659e6c46806bafed53a32627611cf8a6f4f384ce" +
    "9b4e2f776dff9ed404b967cfae095efacef05d36d0aa902c0e3fcf7f85db3bc6f22dcde02da9ad625cf2a6fa395718b5" +
    "a58f59ee0d7c1c5c27ea9237ad9f10de984d7fe227c008c4fdc02ce0d589c3378c56927dff2db9ff54267399d6fdb66b" +
    "c983797e02cfa3207b2c6bffcb14e25a"
)
const oaepSha1 = hexToBytes(
  "aa17a505cae5884abfbc63fee64befb159787c7f3365d4d752c02c6873d0852c1c6ecf1476c2e5d9a4dbb66a83986531" +
    "881a24c54081a3c5025a9f8c0018bf545723d0384fb1c8f9716863bfa7acbe8afc1a2a026b3f05b7da58d0093b460f1c" +
    "31fdb6b5e4578a4e1ea5fc5ed9038e46fc539080a8025d1f37cfd4c1fc175d0905b9d15f075493b53cdc7006738e7817" +
    "7fbcefce35f40f0918762c89cdb3d256aa13bfb69195b176a80cb997393623d1d0418a71ef3c229ccf429cb003e2c7ac" +
    "5823ab80015bf5357564aa75f0b4270e6e2d94d25a080fbd9573b4349d10e7adea89b2e5dea1c62be28bf238904e8881" +
    "dc82152297d21a180a445b2c939b91d0"
)
const oaepSha256 = hexToBytes(
  "59d9fbde815dd0e748774c673bf5b874ff535467e966f41a3c69145031d3be8ab50026f52bdb3f5b160514d7a29b66df" +
    "cc0de565e1970f33eee4fd884ded0d8cf3ba88bdd66280a36582a4ba69ec475384fd46146d007272192cff0ab49ee96e" +
    "b9684911e37e2b87d3c122af4d5d112a19d8c1bb2f48e321281118a2a7ebe48c838678f534aeb183e60fd6c6cb8289ea" +
    "4acdb0291d69c148108e162db2af79902a1ae49fd9f49453a1a699daf2035aee2be0598099341937ad2c81995519a395" +
    "21893ff227ea507f93a4bff6ff1b0a6ae3d1d0b40b264feeae5f50aef9c3cb67eb334265a6eb02b5779a41169d2491a1" +
    "455327cdbf785d1ce8ff54ef580bdbdb"
)

export const rsaAnswers = ({ rsa }: Primitives): boolean => {
  const numbers = rsaKeyOf({ p: bytesToNumberBE(p), q: bytesToNumberBE(q) })
  const secret = rsa.privateKey(encodeRsaPrivateKey(numbers))
  const open = rsa.publicKey(encodeRsaPublicKey(numbers))
  const block = encodePkcs1(sha256(message), secret.modulusBytes)
  const pss = open.raw(pssSignature)
  const sealed = open.sealPkcs1(message)
  const unsealed = sealed && secret.raw(sealed)
  return (
    same(secret.raw(block), pkcs1Signature) &&
    same(open.raw(pkcs1Signature), block) &&
    pss !== undefined &&
    isPss(pss, sha256(message)) &&
    !isPss(pss, sha256(pss)) &&
    same(secret.openOaep("sha1", oaepSha1), message) &&
    same(secret.openOaep("sha256", oaepSha256), message) &&
    secret.openOaep("sha256", spoiled(oaepSha256)) === undefined &&
    same(unsealed && unpadPkcs1(unsealed, message.length), message)
  )
}
