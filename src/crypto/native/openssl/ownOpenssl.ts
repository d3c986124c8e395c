/** The OpenSSL of this process, called through `node:ffi` where that is tested; and memory for its functions. */
import { loadForeignFunctions } from "./foreignFunctions.ts"
import type { Address, ForeignFunctions, Functions, Prototype } from "./foreignFunctions.ts"

/** The releases whose `node:ffi` is tested. The module is experimental, so other releases may call it differently. */
const testedReleases: ReadonlySet<string> = new Set(["26"])
/** Platforms where a process finds its own symbols, and `long` has 64 bits. */
const testedPlatforms: ReadonlySet<string> = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"])

export const isTested = ({ versions, platform, arch }: Pick<NodeJS.Process, "versions" | "platform" | "arch">) =>
  testedReleases.has(versions.node.split(".")[0] ?? "") && testedPlatforms.has(`${platform}-${arch}`)

/** A release number in the notation of OpenSSL 3: MNN00PP0. */
const versionNumber = (version: string): bigint => {
  const [major, minor, patch] = version.split(/[^0-9]/).map(BigInt)
  return ((major ?? 0n) << 28n) | ((minor ?? 0n) << 20n) | ((patch ?? 0n) << 4n)
}

/** Since 3.2 ECDSA has deterministic nonces, which the known answers need. */
const oldest = versionNumber("3.2.0")

const versionPrototype = { OpenSSL_version_num: { arguments: [], return: "u64" } } as const

/** The functions must be those of Node's own OpenSSL, not of another copy in the process. */
const isOwn = (openssl: Functions<typeof versionPrototype>, version: string): boolean =>
  versionNumber(version) >= oldest && openssl.OpenSSL_version_num() === versionNumber(version)

/** The address of no object. */
export const nothing: Address = 0n

/** V8 moves short arrays within its heap. An array over an ArrayBuffer keeps its address. */
export const offHeap = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

export const cString = (text: string): Uint8Array => offHeap(new TextEncoder().encode(`${text}\0`))

/** Undefined if `node:ffi` is missing, forbidden or untested, or if OpenSSL is not Node's own. */
export const openOpenssl = <const Prototypes extends Readonly<Record<string, Prototype>>>(
  prototypes: Prototypes
):
  | { readonly openssl: Functions<Prototypes>; readonly getRawPointer: ForeignFunctions["getRawPointer"] }
  | undefined => {
  if (!isTested(process)) return undefined
  try {
    const foreign = loadForeignFunctions()
    if (foreign === undefined) return undefined
    if (!isOwn(foreign.dlopen(null, versionPrototype).functions, process.versions.openssl)) return undefined
    return { openssl: foreign.dlopen(null, prototypes).functions, getRawPointer: foreign.getRawPointer }
  } catch {
    return undefined
  }
}
