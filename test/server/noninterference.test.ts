/** The answers to an account do not depend on the data of other accounts. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { blobTarget } from "../../src/crypto/blob.ts"
import { apis } from "../../src/operation/apis.ts"
import type { ApiName } from "../../src/operation/apis.ts"
import { allow, at, document, root, startService } from "../authorization/people.ts"
import type { Credentials, Heard, Parameters, Service } from "../authorization/people.ts"

/** More rounds: KEYSTATE_NONINTERFERENCE_RUNS=50 npx vitest run test/server/noninterference.test.ts */
const runs = Number(process.env["KEYSTATE_NONINTERFERENCE_RUNS"] ?? 2)
const callsInRun = 260

const observer = "2000000000000002"
const neighbour = "3000000000000003"
const Plaintext = "aGVsbG8="
const nowhere = "00000000-0000-4000-8000-00000000000"

/** The names of an account's objects, by kind of parameter. */
type Belongings = Readonly<Record<string, ReadonlyArray<string>>>

interface Furnished {
  readonly has: Belongings
  readonly user: Credentials
  readonly role: Credentials
  readonly beggar: Credentials
}

const must = (heard: Heard): Heard => {
  if (heard.status !== 200) throw new Error(heard.text)
  return heard
}

/** Fills an account: keys in every state, and objects of every kind. Every name contains the mark. */
const furnish = async (service: Service, owner: Credentials, account: string, mark: string): Promise<Furnished> => {
  const kms = async (action: string, given: Parameters = {}) => must(await service.ask(owner, action, given)).body
  const ram = async (action: string, given: Parameters = {}) => must(await service.ram(owner, action, given)).body
  const newKey = async (given: Parameters = {}) =>
    at(await kms("CreateKey", { Description: `${mark}-key`, ...given }), "KeyMetadata", "KeyId")
  const enabled = await newKey()
  const disabled = await newKey()
  const leaving = await newKey()
  const external = await newKey({ Origin: "EXTERNAL" })
  const pair = await newKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  const keys = [enabled, disabled, leaving, external, pair]
  const alias = `alias/${mark}`
  await kms("CreateAlias", { AliasName: alias, KeyId: enabled })
  await kms("TagResource", { KeyId: enabled, Tags: JSON.stringify([{ TagKey: mark, TagValue: `${mark}-value` }]) })
  const blob = at(await kms("GenerateDataKey", { KeyId: enabled }), "CiphertextBlob")
  const lost = at(await kms("GenerateDataKey", { KeyId: leaving }), "CiphertextBlob")
  const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" }
  const token = at(await kms("GetParametersForImport", { KeyId: external, ...wrapping }), "ImportToken")
  await kms("DisableKey", { KeyId: disabled })
  await kms("ScheduleKeyDeletion", { KeyId: leaving, PendingWindowInDays: "7" })
  await service.ask(owner, "Encrypt", { KeyId: leaving, Plaintext })
  await kms("CreateServiceKey", { Service: "OSS" })
  const everything = document(allow("*", "*"))
  const user = async (name: string): Promise<Credentials> => {
    await ram("CreateUser", { UserName: name })
    const made = (await ram("CreateAccessKey", { UserName: name }))["AccessKey"]
    return { accessKeyId: at(made, "AccessKeyId"), secret: at(made, "AccessKeySecret") }
  }
  const [person, beggar] = [await user(`${mark}-user`), await user(`${mark}-beggar`)]
  const PolicyName = `${mark}-policy`
  await ram("CreatePolicy", { PolicyName, PolicyDocument: everything })
  await ram("AttachPolicyToUser", { PolicyName, PolicyType: "Custom", UserName: `${mark}-user` })
  await ram("CreateGroup", { GroupName: `${mark}-group` })
  const trust = JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }]
  })
  await ram("CreateRole", { RoleName: `${mark}-role`, AssumeRolePolicyDocument: trust })
  await ram("AttachPolicyToRole", { PolicyName, PolicyType: "Custom", RoleName: `${mark}-role` })
  const RoleArn = `acs:ram::${account}:role/${mark}-role`
  const session = must(await service.sts(person, "AssumeRole", { RoleArn, RoleSessionName: `${mark}-session` })).body
  const role = {
    accessKeyId: at(session, "Credentials", "AccessKeyId"),
    secret: at(session, "Credentials", "AccessKeySecret"),
    securityToken: at(session, "Credentials", "SecurityToken")
  }
  const versions = await Promise.all(
    [enabled, pair].map(async (KeyId) => {
      const listed = await kms("ListKeyVersions", { KeyId })
      return at(listed, "KeyVersions", "KeyVersion", "0", "KeyVersionId")
    })
  )
  const arns = keys.map((keyId) => `acs:kms:cn-hangzhou:${account}:key/${keyId}`)
  return {
    user: person,
    role,
    beggar,
    has: {
      key: [...keys, ...arns, alias, `acs:kms:cn-hangzhou:${account}:${alias}`],
      version: versions,
      blob: [blob, lost],
      token: [token],
      alias: [alias],
      user: [`${mark}-user`, `${mark}-beggar`],
      role: [`${mark}-role`],
      roleArn: [RoleArn],
      policy: [PolicyName],
      group: [`${mark}-group`],
      accessKey: [person.accessKeyId, beggar.accessKeyId],
      account: [account],
      principal: [`acs:ram::${account}:root`, `acs:ram::${account}:user/${mark}-user`],
      as: ["root", `user/${mark}-user`, `role/${mark}-role`]
    }
  }
}

/** The objects that a parameter can name. */
const kindOf: Readonly<Record<string, string>> = {
  KeyId: "key",
  DestinationKeyId: "key",
  SourceKeyId: "key",
  ResourceId: "key",
  ProtectedResourceArn: "key",
  KeyVersionId: "version",
  SourceKeyVersionId: "version",
  CiphertextBlob: "blob",
  ImportToken: "token",
  AliasName: "alias",
  UserName: "user",
  NewUserName: "user",
  RoleName: "role",
  RoleArn: "roleArn",
  PolicyName: "policy",
  GroupName: "group",
  UserAccessKeyId: "accessKey",
  AccountId: "account",
  Principal: "principal",
  As: "as"
}

/** Names of no account. */
const unknown: Belongings = {
  key: [`${nowhere}0`, "alias/nowhere", `acs:kms:cn-hangzhou:9000000000000009:key/${nowhere}0`],
  version: [`${nowhere}1`],
  blob: [Plaintext],
  token: [Plaintext],
  alias: ["alias/nowhere"],
  user: ["nobody"],
  role: ["nothing"],
  roleArn: ["acs:ram::9000000000000009:role/nothing"],
  policy: ["none"],
  group: ["none"],
  accessKey: ["LTAInone"],
  account: ["9000000000000009"],
  principal: ["acs:ram::9000000000000009:root"],
  as: ["user/nobody"]
}

const usual: Readonly<Record<string, string>> = {
  Plaintext,
  Algorithm: "ECDSA_SHA_256",
  Digest: "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=",
  Value: Plaintext,
  WrappingAlgorithm: "RSAES_OAEP_SHA_1",
  WrappingKeySpec: "RSA_2048",
  EncryptedKeyMaterial: Plaintext,
  PendingWindowInDays: "7",
  Description: "an edit",
  ResourceType: "key",
  Tags: '[{"TagKey":"a","TagValue":"b"}]',
  TagKeys: '["a"]',
  "Tag.1.Key": "a",
  "TagKey.1": "a",
  EnableAutomaticRotation: "false",
  EnableDeletionProtection: "false",
  Operation: "Encrypt",
  By: "8d",
  PolicyType: "Custom",
  PolicyDocument: document(allow("kms:*", "*")),
  RoleSessionName: "session",
  Status: "Active",
  Subject: "CN=a",
  Service: "OSS",
  Format: "JSON"
}

/** Optional parameters that extend an answer. */
const widening: Readonly<Record<string, ReadonlyArray<string>>> = {
  AllAccounts: ["true"],
  AfterSeq: ["1", "5", "1000000"],
  Order: ["NewestFirst"],
  NextToken: ["MjAw"],
  Marker: ["MjAw", "root"],
  PageNumber: ["2"]
}

interface Chosen {
  readonly whose: "own" | "foreign" | "unknown"
  readonly which: number
}

interface Step {
  readonly api: ApiName
  readonly action: string
  readonly who: "root" | "user" | "role" | "beggar"
  readonly names: ReadonlyArray<Chosen>
  readonly isWide: boolean
}

const operations: ReadonlyArray<readonly [ApiName, string]> = (["kms", "ram", "sts"] as const).flatMap((api) =>
  [...apis[api].operations.keys()].map((action) => [api, action] as const)
)

const step: fc.Arbitrary<Step> = fc
  .record({
    operation: fc.constantFrom(...operations),
    who: fc.constantFrom("root" as const, "user" as const, "role" as const, "beggar" as const),
    names: fc.array(
      fc.record({ whose: fc.constantFrom("own" as const, "foreign" as const, "unknown" as const), which: fc.nat(20) }),
      { minLength: 4, maxLength: 4 }
    ),
    isWide: fc.boolean()
  })
  .map(({ operation: [api, action], ...more }) => ({ api, action, ...more }))

/** Lists are sent as `ResourceId.1`. */
const spelled = (api: ApiName, action: string, name: string): string =>
  api === "kms" && action.endsWith("Resources") && name === "ResourceId" ? "ResourceId.1" : name

const parametersOf = ({ action, api, isWide, names }: Step, own: Belongings, foreign: Belongings): Parameters => {
  const owners = { own, foreign, unknown }
  const given: Record<string, string> = {}
  let used = 0
  for (const [name, { required }] of Object.entries(apis[api].operations.get(action)?.parameters ?? {})) {
    const chosen = names[used % names.length] ?? { whose: "own", which: 0 }
    const kind = kindOf[name]
    const values = kind === undefined ? undefined : owners[chosen.whose][kind]
    if (values !== undefined && (required || isWide)) {
      used++
      given[spelled(api, action, name)] = values[chosen.which % values.length] ?? ""
    } else if (required) given[name] = usual[name] ?? "x"
    else if (isWide && widening[name] !== undefined) given[name] = widening[name]?.[chosen.which % 2] ?? "1"
  }
  if (api === "kms" && /^(?:TagResources|ListTagResources|UntagResources)$/.test(action)) {
    given["ResourceType"] = "key"
    if (action === "TagResources") Object.assign(given, { "Tag.1.Key": "a", "Tag.1.Value": "b" })
    if (action === "UntagResources") given["TagKey.1"] = "a"
    delete given["Tag"]
    delete given["TagKey"]
  }
  if (action === "ListAuditRecords") given["Limit"] = "1000"
  return given
}

/** An answer without parts that differ in each run: ids, secrets, sealed bytes, real time. */
const normal = (text: string, own: Belongings): string => {
  let plain = text
  for (const [kind, values] of Object.entries(own)) {
    for (const [index, value] of values.entries())
      if (value.length > 8) plain = plain.replaceAll(value, `<${kind} ${index}>`)
  }
  return plain
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<uuid>")
    .replaceAll(
      /"(?:AccessKeyId|AccessKeySecret|SecurityToken|UserId|RoleId|GroupId|AccountId|AssumedRoleId|PrincipalId)":"[^"]*"/g,
      '"<id>"'
    )
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replaceAll(/-----BEGIN.*?-----END [A-Z ]+-----/gs, "<pem>")
    .replaceAll(/[A-Za-z0-9+/]{40,}={0,2}/g, "<bytes>")
    .replaceAll(/(?:LTAI|STS\.)[A-Za-z0-9]+/g, "<access key>")
    .replaceAll(/"Hash":"[0-9a-f]{64}"/g, '"<hash>"')
}

/** Records of one batch may come before or after a simultaneous change. */
const unordered = ({ body, text }: Heard, own: Belongings): string => {
  const records: unknown = Reflect.get(Object(body["Records"]), "Record")
  if (!Array.isArray(records)) return normal(text, own)
  const lines = records.map((record) => normal(JSON.stringify({ ...record, Seq: 0 }), own)).toSorted()
  const numbers = records.map((record) => `${at(record, "Seq")}.${at(record, "Line")}`)
  return [...lines, ...numbers, at(body, "NextAfterSeq"), at(body, "HasMore")].join("\n")
}

interface World {
  readonly service: Service
  readonly callers: Furnished & { readonly root: Credentials }
}

const account = async (service: Service, AccountId: string): Promise<Credentials> => {
  const { body } = must(await service.ask(root, "CreateAccount", { AccountId }))
  const made = Object(body["Account"])
  return { accessKeyId: at(made, "RootAccessKey", "AccessKeyId"), secret: at(made, "RootAccessKey", "AccessKeySecret") }
}

const observed = async (service: Service): Promise<World> => {
  const owner = await account(service, observer)
  return { service, callers: { ...(await furnish(service, owner, observer, "own")), root: owner } }
}

const ask = async ({ callers, service }: World, { action, api, who }: Step, given: Parameters): Promise<Heard> =>
  service.ask(callers[who], action, given, { version: apis[api].version })

/** A ciphertext contains its key id, so an account with the ciphertext knows that id. */
const keyIn = (text: string): ReadonlyArray<string> => {
  const target = blobTarget(Buffer.from(text, "base64"))
  return target === undefined ? [] : [target.keyId]
}

describe("an account", () => {
  it("an account gets the same answers with and without data of others, and never their names", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: callsInRun, maxLength: callsInRun }),
        fc.uuid(),
        async (steps, id) => {
          const mark = `zq${id.slice(0, 8)}`
          await using crowded = await startService({ clock: "virtual" })
          await using empty = await startService({ clock: "virtual" })
          const others = await furnish(crowded, await account(crowded, neighbour), neighbour, mark)
          const own = await furnish(crowded, root, "1000000000000001", `${mark}s`)
          const foreign: Belongings = Object.fromEntries(
            Object.keys(others.has).map((kind) => [kind, [...(others.has[kind] ?? []), ...(own.has[kind] ?? [])]])
          )
          // `role/<name>` is omitted: an account may have its own role of the same name.
          const secrets = Object.entries(foreign).flatMap(([kind, texts]) =>
            kind === "as" ? [] : texts.filter((text) => text.length > 8)
          )
          const [one, other] = [await observed(crowded), await observed(empty)]
          const given = new Set<string>()
          for (const next of steps) {
            // Other accounts make calls at the same time.
            await crowded.ask(others.user, "DescribeKey", { KeyId: others.has["key"]?.[0] ?? "" })
            const parameters = parametersOf(next, one.callers.has, foreign)
            for (const text of Object.values(parameters)) for (const told of [text, ...keyIn(text)]) given.add(told)
            const heard = await ask(one, next, parameters)
            const expected = await ask(other, next, parametersOf(next, other.callers.has, foreign))
            const question = JSON.stringify({ ...next, parameters })
            expect([question, unordered(heard, one.callers.has)]).toEqual([
              question,
              unordered(expected, other.callers.has)
            ])
            const named = [...given].join("\n")
            const leaked = secrets.filter((text) => heard.text.includes(text) && !named.includes(text))
            expect([question, leaked]).toEqual([question, []])
          }
        }
      ),
      { numRuns: runs, endOnFailure: true }
    )
  })
})
