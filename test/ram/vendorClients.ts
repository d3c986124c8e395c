/** The vendor's RAM, STS and KMS clients, unmodified, for any signer. */
import Kms from "@alicloud/kms20160120"
import OpenApiCore from "@alicloud/openapi-core"
import Pop from "@alicloud/pop-core"
import Ram from "@alicloud/ram20150501"
import { Config as RpcConfig } from "@alicloud/rpc-client"
import Sts from "@alicloud/sts20150401"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { patience, sdkTimeouts } from "../patience.ts"

export interface Signer {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string
}

export const rootSigner: Signer = { accessKeyId, accessKeySecret: secret }

const configOf = (url: string, signer: Signer) =>
  new OpenApiCore.$OpenApiUtil.Config({
    ...signer,
    endpoint: new URL(url).host,
    regionId: "cn-hangzhou",
    protocol: "HTTP",
    ...sdkTimeouts
  })

export const ramClient = (url: string, signer: Signer = rootSigner) => new Ram.default(configOf(url, signer))
export const stsClient = (url: string, signer: Signer) => new Sts.default(configOf(url, signer))

export const kmsClient = (url: string, signer: Signer) =>
  new Kms.default(
    new RpcConfig({
      ...signer,
      endpoint: new URL(url).host,
      regionId: "cn-hangzhou",
      protocol: "http",
      ...sdkTimeouts,
      type: signer.securityToken === undefined ? "access_key" : "sts"
    })
  )

type Answer = Readonly<Record<string, unknown>>

/** Version 1.0 of the signature, by the core SDK. */
export const popClient = (url: string, version: string, signer: Signer = rootSigner) => {
  const { securityToken, ...pair } = signer
  const pop = new Pop({
    ...pair,
    endpoint: url,
    apiVersion: version,
    opts: { timeout: patience },
    ...(securityToken ? { securityToken } : {})
  })
  return (action: string, parameters: object = {}, method: "GET" | "POST" = "POST"): Promise<Answer> =>
    pop.request(action, parameters, { method, formatParams: false })
}

/** The code of a refusal, as the vendor's clients throw it; `ok` for an answer. */
export const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "ok",
    (error: { readonly code?: string }) => String(error.code)
  )
