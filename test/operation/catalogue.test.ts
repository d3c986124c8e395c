/** The catalogue contains every operation on keys of the vendor's own client. */
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { isOperationName, vendorOperations } from "../../src/operation/catalogue.ts"

/** Secrets Manager shares the client, but is another product (user guide, 1). */
const notAboutKeys = [
  "CreateSecret",
  "DeleteSecret",
  "DescribeSecret",
  "GetRandomPassword",
  "GetSecretValue",
  "ListSecretVersionIds",
  "ListSecrets",
  "PutSecretValue",
  "RestoreSecret",
  "UpdateSecret",
  "UpdateSecretVersionStage"
]

/** Operations of the API that this version of the client lacks (API reference 1.5). */
const newerThanTheClient = [
  "DescribeAccountKmsStatus",
  "ExportDataKey",
  "GenerateAndExportDataKey",
  "GetKeyPolicy",
  "ListTagResources",
  "OpenKmsService",
  "ReEncrypt",
  "SetDeletionProtection",
  "SetKeyPolicy",
  "TagResources",
  "UntagResources"
]

const ofTheClient = Object.getOwnPropertyNames(Kms.default.prototype)
  .filter((name) => name !== "constructor" && name !== "getEndpoint" && !name.endsWith("Ex"))
  .map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`)

describe("the catalogue", () => {
  it("the catalogue has every operation of the published client except those on secrets", () => {
    expect(ofTheClient).toHaveLength(45)
    expect(ofTheClient.filter((name) => !isOperationName(name)).toSorted()).toEqual(notAboutKeys)
  })

  it("the catalogue gives the vendor's name to no operation that the vendor lacks", () => {
    const known = new Set([...ofTheClient, ...newerThanTheClient])
    expect(Object.keys(vendorOperations).filter((name) => !known.has(name))).toEqual([])
    expect(Object.keys(vendorOperations)).toHaveLength(
      ofTheClient.length - notAboutKeys.length + newerThanTheClient.length
    )
  })

  it("the catalogue finds operations by their exact names", () => {
    for (const name of ["createKey", "CREATEKEY", "CreateKey ", "", "constructor", "__proto__", "toString"]) {
      expect(isOperationName(name)).toBe(false)
    }
  })
})
