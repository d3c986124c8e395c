/** Clients send parameters without a value as empty texts: an empty text is an absent parameter. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { catalogue, isOperationName } from "../../src/operation/catalogue.ts"
import { createKms } from "../../src/promise.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import { commandFile } from "../programs.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { inProcess, overHttp, textAt } from "./doors.ts"
import type { Answer, Ask } from "./doors.ts"
import { makeWorld, refusedSpecimens, requestsIn, vendorNames } from "./specimens.ts"

const options = { clock: "virtual", hsm: "simulator", seed: "empty parameters" } as const
const run = promisify(execFile)
const operationNames = Object.keys(catalogue).filter(isOperationName)

/** Parts of an answer that differ in each call. */
const fresh =
  /"(?:RequestId|KeyId|KeyArn|Arn|KeyVersionId|PrimaryKeyVersion|CiphertextBlob|Plaintext|ExportedDataKey|Value|Hint|HostId|PublicKey|ImportToken|AccessKeyId|AccessKeySecret|AccountId|Csr)":"[^"]*"/g

const shown = ({ code, parameter, body }: Answer): string =>
  `${code} ${parameter ?? ""} ${JSON.stringify(body).replaceAll(fresh, "")}`

/** Two services with the same history, so that their answers can be compared. */
const twins = async (open: () => Promise<Ask>) => {
  const [left, right] = await Promise.all([open(), open()])
  const [leftWorld, rightWorld] = await Promise.all([makeWorld(left), makeWorld(right)])
  return { left, right, leftRequests: requestsIn(leftWorld), rightRequests: requestsIn(rightWorld) }
}

const optionalOf = (operation: keyof typeof catalogue): ReadonlyArray<string> =>
  Object.entries(catalogue[operation].parameters).flatMap(([name, { required }]) => (required ? [] : [name]))

const running: Array<() => Promise<void>> = []
afterAll(() => Promise.all(running.map((stop) => stop())))

const openHere = async (): Promise<Ask> => {
  const kms = await createKms(options)
  running.push(kms.close)
  return inProcess(kms)
}
const openOverHttp = async (): Promise<Ask> => {
  const server: RunningServer = await startServer(options)
  running.push(server.stop)
  return overHttp(server.url)
}

describe.each([
  ["in this process", openHere],
  ["over HTTP", openOverHttp]
])("an optional parameter given as an empty text %s", (_door, open) => {
  let pair: Awaited<ReturnType<typeof twins>>
  beforeAll(async () => {
    pair = await twins(open)
  })

  it.each(vendorNames)("empty optional parameters have no effect on %s", async (operation) => {
    const { left, right, leftRequests, rightRequests } = pair
    const without = await left(operation, leftRequests[operation])
    expect(without.code).toBe(refusedSpecimens[operation] ?? "Success")
    // A parameter of the example request is required, like one of the two names of a key.
    const given = Object.keys(leftRequests[operation])
    const names = optionalOf(operation).filter((name) => !given.some((full) => full.split(".")[0] === name))
    const empty = Object.fromEntries(names.map((name) => [name, ""]))
    const all = await right(operation, { ...rightRequests[operation], ...empty })
    expect(shown(all)).toBe(shown(without))
  })

  it("an empty optional parameter has no effect on any operation", async () => {
    const { left } = pair
    for (const operation of operationNames) {
      // Required parameters are absent, so the call cannot change anything.
      if (Object.values(catalogue[operation].parameters).every(({ required }) => !required)) continue
      const without = await left(operation, {})
      for (const name of optionalOf(operation)) {
        expect(`${operation} ${name}: ${shown(await left(operation, { [name]: "" }))}`).toBe(
          `${operation} ${name}: ${shown(without)}`
        )
      }
    }
  })
})

describe("a required parameter given as an empty text", () => {
  it("an empty required parameter is missing, unless the parameter accepts an empty text", async () => {
    const ask = await openHere()
    const requests = requestsIn(await makeWorld(ask))
    const seen: Array<string> = []
    for (const operation of vendorNames) {
      for (const [name, { required, flattened }] of Object.entries<{ required: boolean; flattened?: true }>(
        catalogue[operation].parameters
      )) {
        if (!required || flattened === true) continue
        const { code, parameter } = await ask(operation, { ...requests[operation], [name]: "" })
        seen.push(`${operation}.${name} ${code} ${parameter ?? ""}`.trim())
      }
    }
    expect(seen.filter((line) => !line.includes(" MissingParameter "))).toEqual([
      "UpdateKeyDescription.Description Success",
      "Encrypt.Plaintext Success"
    ])
    const named = seen.filter((line) => /^\w+\.(\w+) MissingParameter \1$/.test(line))
    expect(named).toHaveLength(seen.length - 2)
  })

  it("UpdateKeyDescription with an empty description removes the description", async () => {
    await using kms = await createKms(options)
    const { KeyMetadata } = await kms.createKey({ Description: "orders" })
    await kms.updateKeyDescription({ KeyId: KeyMetadata.KeyId, Description: "" })
    expect((await kms.describeKey({ KeyId: KeyMetadata.KeyId })).KeyMetadata.Description).toBe("")
  })
})

describe("an empty item of a numbered list", () => {
  let ask: Ask
  let key: Readonly<Record<string, string>>
  beforeAll(async () => {
    ask = await openOverHttp()
    const KeyId = textAt((await ask("CreateKey")).body, "KeyMetadata", "KeyId")
    key = { ResourceType: "key", "ResourceId.1": KeyId }
  })
  const codeOf = async (operation: string, request: Readonly<Record<string, string>>) => {
    const { code, parameter } = await ask(operation, request)
    return parameter === undefined ? code : `${code} ${parameter}`
  }

  it("an empty item of a numbered list is ignored next to other items", async () => {
    const second = { "ResourceId.2": "", "Tag.2.Key": "", "Tag.2.Value": "" }
    expect(await codeOf("TagResources", { ...key, "Tag.1.Key": "a", "Tag.1.Value": "", ...second })).toBe("Success")
    const { body } = await ask("ListTagResources", { ...key, "ResourceId.2": "", "Tag.1.Key": "", "Tag.1.Value": "" })
    expect(JSON.stringify(body)).toContain('"TagKey":"a","TagValue":""')
    expect(await codeOf("UntagResources", { ...key, "TagKey.1": "a", "TagKey.2": "" })).toBe("Success")
  })

  it("an empty item alone leaves an optional list absent and a required one missing", async () => {
    expect(await codeOf("ListTagResources", { ResourceType: "key", "ResourceId.1": "" })).toBe("Success")
    expect(await codeOf("UntagResources", { ...key, "TagKey.1": "" })).toBe("MissingParameter TagKey")
    expect(await codeOf("TagResources", { ...key, "Tag.1.Key": "", "Tag.1.Value": "" })).toBe("MissingParameter Tag")
    expect(await codeOf("TagResources", { ...key, "ResourceId.1": "", "Tag.1.Key": "a" })).toBe(
      "MissingParameter ResourceId"
    )
  })
})

describe("a list without items", () => {
  const lists: ReadonlyArray<readonly [operation: string, parameter: string, code: string]> = [
    ["CreateKey", "Tags", "Success"],
    ["ListKeys", "Filters", "Success"],
    ["ListTagResources", "Tag", "Success"],
    ["TagResource", "Tags", "MissingParameter Tags"],
    ["UntagResource", "TagKeys", "MissingParameter TagKeys"],
    ["TagResources", "ResourceId", "MissingParameter ResourceId"],
    ["TagResources", "Tag", "MissingParameter Tag"],
    ["UntagResources", "TagKey", "Success"]
  ]

  describe.each([
    ["in this process", openHere],
    ["over HTTP", openOverHttp]
  ])("%s", (_door, open) => {
    let ask: Ask
    let requests: ReturnType<typeof requestsIn>
    beforeAll(async () => {
      ask = await open()
      requests = requestsIn(await makeWorld(ask))
    })

    it.each(lists)("a list without items is absent in %s.%s: %s", async (operation, name, expected) => {
      const [, specimen = {}] = Object.entries(requests).find(([known]) => known === operation) ?? []
      const others = Object.entries(specimen).filter(([given]) => given.split(".")[0] !== name)
      for (const empty of ["[]", " [ ]\n"]) {
        const { code, parameter } = await ask(operation, { ...Object.fromEntries(others), [name]: empty })
        expect(parameter === undefined ? code : `${code} ${parameter}`).toBe(expected)
      }
    })
  })

  it("an empty array of the library is an absent list", async () => {
    await using kms = await createKms(options)
    const { KeyMetadata } = await kms.createKey({})
    const { TagResources } = await kms.listTagResources({
      ResourceType: "key",
      ResourceId: [KeyMetadata.KeyId],
      Tag: []
    })
    expect(TagResources.TagResource).toEqual([])
    await expect(kms.tagResources({ ResourceType: "key", ResourceId: [], Tag: [] })).rejects.toMatchObject({
      code: "MissingParameter",
      parameter: "ResourceId"
    })
  })
})

describe("the flattened form of a parameter", () => {
  it("an encryption context in numbered form keeps an empty text as a value", async () => {
    const ask = await openOverHttp()
    const KeyId = textAt((await ask("CreateKey")).body, "KeyMetadata", "KeyId")
    const context = { EncryptionContext: "", "EncryptionContext.k": "" }
    const { body } = await ask("Encrypt", { KeyId, Plaintext: "QQ==", ...context })
    const CiphertextBlob = textAt(body, "CiphertextBlob")
    expect((await ask("Decrypt", { CiphertextBlob, EncryptionContext: '{"k":""}' })).code).toBe("Success")
    expect((await ask("Decrypt", { CiphertextBlob, EncryptionContext: "" })).code).toBe("InvalidParameter")
  })
})

describe("an optional parameter given as an empty text on the command line", () => {
  it("the command line treats an empty optional parameter as absent", async () => {
    await using server = await startServer(options)
    const env = { ...process.env, ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret }
    const kms = async (...args: ReadonlyArray<string>): Promise<unknown> => {
      const command = [await commandFile(), "kms"].concat(args, ["--endpoint", server.url])
      return JSON.parse((await run(process.execPath, command, { env })).stdout)
    }
    const KeyId = textAt(await kms("CreateKey", "--KeySpec", "", "--RotationInterval", ""), "KeyMetadata", "KeyId")
    const sealed = await kms("Encrypt", "--KeyId", KeyId, "--Plaintext", "QQ==", "--EncryptionContext", "")
    const opened = await kms("Decrypt", "--CiphertextBlob", textAt(sealed, "CiphertextBlob"))
    expect(textAt(opened, "Plaintext")).toBe("QQ==")
  })
})
