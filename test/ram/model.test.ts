/** RAM in random order compared with a simple model: each call's code, and the final content of the account. */
import fc from "fast-check"
import { afterAll, beforeAll, expect, it } from "vitest"
import { account, allow, at, document, root, startService } from "../authorization/people.ts"
import type { Credentials, Heard, Parameters, Service } from "../authorization/people.ts"
import { NaiveModel } from "./naiveModel.ts"
import type { Step } from "./naiveModel.ts"

const rounds = Number(process.env["KEYSTATE_RAM_ROUNDS"] ?? 25)

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service[Symbol.asyncDispose]())

const trust = document({
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Principal: { RAM: [`acs:ram::${account}:root`] }
})
const PolicyDocument = document(allow("kms:ListKeys", "*"))

const ids = (heard: Heard): ReadonlyArray<string> => heard.text.match(/LTAI[A-Za-z0-9]+/g) ?? []

type Asking = (action: string, parameters: Parameters) => Promise<Heard>

/** The request of a step. A key to delete is looked up, because its id is random. */
const requestOf = async (step: Step, ask: Asking): Promise<readonly [string, Parameters]> => {
  switch (step.is) {
    case "create":
      return step.kind === "Role"
        ? ["CreateRole", { RoleName: step.name, AssumeRolePolicyDocument: trust }]
        : [`Create${step.kind}`, { [`${step.kind}Name`]: step.name }]
    case "delete":
      return [`Delete${step.kind}`, { [`${step.kind}Name`]: step.name }]
    case "rename":
      return [`Update${step.kind}`, { [`${step.kind}Name`]: step.name, [`New${step.kind}Name`]: step.to }]
    case "createPolicy":
      return ["CreatePolicy", { PolicyName: step.policy, PolicyDocument }]
    case "createVersion":
      return ["CreatePolicyVersion", { PolicyName: step.policy, PolicyDocument, SetAsDefault: String(step.asDefault) }]
    case "deletePolicy":
      return ["DeletePolicy", { PolicyName: step.policy, CascadingDelete: String(step.cascading) }]
    case "setDefault":
      return ["SetDefaultPolicyVersion", { PolicyName: step.policy, VersionId: `v${step.version}` }]
    case "deleteVersion":
      return ["DeletePolicyVersion", { PolicyName: step.policy, VersionId: `v${step.version}` }]
    case "attach":
    case "detach": {
      const action = step.is === "attach" ? "AttachPolicyTo" : "DetachPolicyFrom"
      const { kind, name, policy, type } = step
      return [`${action}${kind}`, { [`${kind}Name`]: name, PolicyName: policy, PolicyType: type }]
    }
    case "join":
      return ["AddUserToGroup", { UserName: step.user, GroupName: step.group }]
    case "leave":
      return ["RemoveUserFromGroup", { UserName: step.user, GroupName: step.group }]
    case "createKey":
      return ["CreateAccessKey", { UserName: step.user }]
    case "deleteKey": {
      const [first = "LTAIabsent"] = ids(await ask("ListAccessKeys", { UserName: step.user }))
      return ["DeleteAccessKey", { UserName: step.user, UserAccessKeyId: first }]
    }
    case "createLogin":
      return ["CreateLoginProfile", { UserName: step.user, Password: "Ab1!Ab1!" }]
    case "deleteLogin":
      return ["DeleteLoginProfile", { UserName: step.user }]
    default:
      return step satisfies never
  }
}

const user = fc.constantFrom("u1", "u2")
const group = fc.constantFrom("g1", "g2")
const ofKind = fc.oneof(
  fc.record({ kind: fc.constant("User" as const), name: user }),
  fc.record({ kind: fc.constant("Group" as const), name: group }),
  fc.record({ kind: fc.constant("Role" as const), name: fc.constant("r1") })
)
const custom = fc.constantFrom("p1", "p2")
const policy = fc.oneof(
  fc.record({ policy: custom, type: fc.constant("Custom" as const) }),
  fc.record({ policy: fc.constantFrom("AliyunKMSReadOnlyAccess", "Absent"), type: fc.constant("System" as const) })
)

const named = <const Is extends string, A>(is: ReadonlyArray<Is>, rest: fc.Arbitrary<A>) =>
  fc.tuple(fc.constantFrom(...is), rest).map(([is, more]) => ({ is, ...more }))

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: named(["create", "create", "delete"], ofKind) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({ is: fc.constant("rename" as const), kind: fc.constant("User" as const), name: user, to: user }),
      fc.record({ is: fc.constant("rename" as const), kind: fc.constant("Group" as const), name: group, to: group })
    )
  },
  {
    weight: 3,
    arbitrary: named(["createPolicy", "createVersion"], fc.record({ policy: custom, asDefault: fc.boolean() }))
  },
  { weight: 2, arbitrary: named(["deletePolicy"], fc.record({ policy: custom, cascading: fc.boolean() })) },
  {
    weight: 2,
    arbitrary: named(["setDefault", "deleteVersion"], fc.record({ policy: custom, version: fc.nat({ max: 5 }) })).map(
      (each) => ({ ...each, version: each.version + 1 })
    )
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("attach", "attach", "detach"), ofKind, policy)
      .map(([is, holder, attached]) => ({ is, ...holder, ...attached }) as Step)
  },
  { weight: 3, arbitrary: named(["join", "join", "leave"], fc.record({ user, group })) },
  { weight: 2, arbitrary: named(["createKey", "deleteKey"], fc.record({ user })) },
  { weight: 1, arbitrary: named(["createLogin", "deleteLogin"], fc.record({ user })) }
)

const newAccount = async (): Promise<Credentials> => {
  const { body } = await service.ask(root, "CreateAccount")
  return {
    accessKeyId: at(body, "Account", "RootAccessKey", "AccessKeyId"),
    secret: at(body, "Account", "RootAccessKey", "AccessKeySecret")
  }
}

const namesIn = (heard: Heard, member: string): ReadonlyArray<string> =>
  [...heard.text.matchAll(new RegExp(`"${member}":"([^"]*)"`, "g"))].map(([, name = ""]) => name).toSorted()

/** The content of the account, read by its lists, equals the model. */
const agrees = async (model: NaiveModel, ask: Asking): Promise<void> => {
  for (const [kind, names] of Object.entries(model.names)) {
    expect(namesIn(await ask(`List${kind}s`, {}), `${kind}Name`)).toEqual([...names].toSorted())
    for (const name of names) {
      const attached = [...model.attached]
        .filter((each) => each.startsWith(`${kind} ${name} `))
        .map((each) => each.split(" ")[3] ?? "")
      const listed = await ask(`ListPoliciesFor${kind}`, { [`${kind}Name`]: name })
      expect(namesIn(listed, "PolicyName")).toEqual(attached.toSorted())
    }
  }
  for (const group of model.names.Group) {
    const members = [...model.members].filter((pair) => pair.endsWith(` ${group}`)).map((pair) => pair.split(" ")[0])
    expect(namesIn(await ask("ListUsersForGroup", { GroupName: group }), "UserName")).toEqual(members.toSorted())
  }
  for (const name of model.names.User) {
    expect(ids(await ask("ListAccessKeys", { UserName: name }))).toHaveLength(model.keys.get(name) ?? 0)
  }
  for (const [name, versions] of model.policies) {
    const shown = await ask("GetPolicy", { PolicyName: name, PolicyType: "Custom" })
    expect(at(shown.body, "Policy", "DefaultVersion")).toBe(`v${versions.default}`)
    const listed = await ask("ListPolicyVersions", { PolicyName: name, PolicyType: "Custom" })
    expect(namesIn(listed, "VersionId")).toEqual([...versions.numbers].map((number) => `v${number}`).toSorted())
    const count = [...model.attached].filter((each) => each.endsWith(` Custom ${name}`)).length
    expect(at(shown.body, "Policy", "AttachmentCount")).toBe(String(count))
  }
}

/** Steps that reach the limits and conflicts, so that each run has them. */
const conflicts: ReadonlyArray<Step> = [
  { is: "create", kind: "User", name: "u1" },
  { is: "createKey", user: "u1" },
  { is: "createKey", user: "u1" },
  { is: "createKey", user: "u1" },
  { is: "create", kind: "User", name: "u2" },
  { is: "create", kind: "Group", name: "g1" },
  { is: "join", user: "u2", group: "g1" },
  { is: "delete", kind: "User", name: "u2" },
  { is: "createPolicy", policy: "p1" },
  { is: "attach", kind: "User", name: "u2", policy: "p1", type: "Custom" },
  { is: "deletePolicy", policy: "p1", cascading: false }
]

it("RAM answers each call like a simple model, and has the same content at the end", async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 80, maxLength: 120 }), async (steps) => {
      const who = await newAccount()
      const ask: Asking = (action, parameters) => service.ram(who, action, parameters)
      const model = new NaiveModel()
      for (const each of steps) {
        const [action, parameters] = await requestOf(each, ask)
        const { code } = await ask(action, parameters)
        seen.add(code)
        expect([action, parameters, code]).toEqual([action, parameters, model.answer(each)])
      }
      await agrees(model, ask)
    }),
    { numRuns: rounds, examples: [[[...conflicts]]] }
  )
  // The rounds cover the intended cases.
  for (const code of ["DeleteConflict.User.Group", "DeleteConflict.Policy.User", "LimitExceeded.User.AccessKey"]) {
    expect(seen).toContain(code)
  }
})
