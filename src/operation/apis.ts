/** The APIs that one endpoint answers. The parameter `Version` selects the API. */
import { catalogue } from "./catalogue.ts"
import type { Operation } from "./operation.ts"
import { ramOperations } from "./ram/catalogue.ts"
import { AssumeRole } from "./sts/AssumeRole.ts"
import { GetCallerIdentity } from "./sts/GetCallerIdentity.ts"

export type ApiName = "kms" | "ram" | "sts"

type Operations = Readonly<Record<string, Operation<unknown, object>>>

export const stsOperations = { AssumeRole, GetCallerIdentity } as const satisfies Operations

export interface Api {
  readonly version: string
  readonly title: string
  /** The default format of answers to requests of signature version 1.0, as each API documents it. */
  readonly format: "JSON" | "XML"
  readonly operations: ReadonlyMap<string, Operation<unknown, object>>
  /** Why a published operation of the API is not supported, and what to do instead. */
  readonly unsupported: Readonly<Record<string, string>>
}

const inRam = (name: string): string =>
  `KMS's ${name} is not supported. The operation of RAM with this name has Version=2015-05-01.`

const federated = "There are no identity providers on this server: assume the role as a user, by AssumeRole."

export const apis: Readonly<Record<ApiName, Api>> = {
  kms: {
    version: "2016-01-20",
    title: "KMS",
    format: "JSON",
    operations: new Map(Object.entries(catalogue)),
    unsupported: {
      CreatePolicy: inRam("CreatePolicy"),
      UpdatePolicy: "KMS's UpdatePolicy is not supported. In RAM, CreatePolicyVersion changes a policy.",
      DeletePolicy: inRam("DeletePolicy"),
      ListPolicies: inRam("ListPolicies")
    }
  },
  ram: {
    version: "2015-05-01",
    title: "RAM",
    format: "XML",
    operations: new Map(Object.entries<Operation<unknown, object>>(ramOperations)),
    unsupported: {}
  },
  sts: {
    version: "2015-04-01",
    title: "STS",
    format: "XML",
    operations: new Map(Object.entries<Operation<unknown, object>>(stsOperations)),
    unsupported: { AssumeRoleWithOIDC: federated, AssumeRoleWithSAML: federated }
  }
}

const names: ReadonlyArray<ApiName> = ["kms", "ram", "sts"]

export const isApiName = (name: unknown): name is ApiName => names.some((known) => known === name)

/** Undefined for a version of an unknown API. */
export const apiOfVersion = (version: string): ApiName | undefined =>
  names.find((name) => apis[name].version === version)

export const operationOf = (api: ApiName, name: string): Operation<unknown, object> | undefined =>
  apis[api].operations.get(name)

/**
 * The name of an operation in the audit log and the metrics: `CreateUser`. If KMS has the same name, the API precedes
 * it: `ram:TagResources`. Undefined for an unknown operation.
 */
export const recordedName = (api: ApiName, name: string): string | undefined => {
  if (operationOf(api, name) === undefined) return undefined
  return api === "kms" || operationOf("kms", name) === undefined || earlier.has(name) ? name : `${api}:${name}`
}

/** Operations of RAM that KMS's version also answers, for programs of earlier releases. */
const earlier: ReadonlySet<string> = new Set(
  Object.keys(ramOperations).filter((name) => Object.hasOwn(catalogue, name) && !name.endsWith("Resources"))
)
