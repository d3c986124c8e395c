/** Keystate's own: policies, whom they are attached to, and why a call would be allowed or refused. */
import { Effect } from "effect"
import { formatInstant } from "../domain/time.ts"
import type { Explained, PolicyShown } from "./accessControl.ts"
import { aliasName } from "./aliasName.ts"
import { reference } from "./keyReference.ts"
import { operation } from "./operation.ts"
import { paging } from "./paging.ts"
import { optional, required, text } from "./parameters.ts"
import { actorOf, pageOf, PolicyDocument, PolicyName, RoleName, UserName } from "./ramParameters.ts"

const root = { on: "root" } as const
const done = Effect.as({})

const listed = ({ name, attachedTo, createdAt, updatedAt }: PolicyShown) => ({
  PolicyName: name,
  AttachmentCount: attachedTo,
  CreateDate: formatInstant(createdAt),
  UpdateDate: formatInstant(updatedAt)
})

export const CreatePolicy = operation({
  about: "Keeps a policy. A document is taken only if all of it is understood.",
  changes: true,
  Request: { PolicyName, PolicyDocument },
  permission: root,
  handle: (request, call) => {
    const policy = { name: request.PolicyName, document: request.PolicyDocument }
    return done(call.world.access.createPolicy(actorOf(call), policy))
  }
})

export const UpdatePolicy = operation({
  about: "Replaces a policy's document, at once and for everybody it is attached to.",
  changes: true,
  Request: { PolicyName, PolicyDocument },
  permission: root,
  handle: (request, call) => {
    const policy = { name: request.PolicyName, document: request.PolicyDocument }
    return done(call.world.access.updatePolicy(actorOf(call), policy))
  }
})

export const DeletePolicy = operation({
  about: "Deletes a policy that is attached to nobody.",
  changes: true,
  Request: { PolicyName },
  permission: root,
  handle: (request, call) => done(call.world.access.deletePolicy(actorOf(call), request.PolicyName))
})

export const GetPolicy = operation({
  about: "Shows a policy with its document in canonical form.",
  Request: { PolicyName },
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(world.access.policy(realm.account, request.PolicyName), (policy) => ({
      Policy: { ...listed(policy), PolicyDocument: policy.document }
    }))
})

export const ListPolicies = operation({
  about: "Lists the policies of the account, by name.",
  Request: paging,
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(world.access.policies(realm.account), (policies) => {
      const { items, counts } = pageOf(policies, request)
      return { Policies: { Policy: items.map(listed) }, ...counts }
    })
})

export const AttachPolicyToUser = operation({
  about: "Attaches a policy to a user.",
  changes: true,
  Request: { PolicyName, UserName },
  permission: root,
  handle: ({ PolicyName, UserName }, call) =>
    done(call.world.access.attachPolicy(actorOf(call), PolicyName, { kind: "user", name: UserName }))
})

export const DetachPolicyFromUser = operation({
  about: "Detaches a policy from a user.",
  changes: true,
  Request: { PolicyName, UserName },
  permission: root,
  handle: ({ PolicyName, UserName }, call) =>
    done(call.world.access.detachPolicy(actorOf(call), PolicyName, { kind: "user", name: UserName }))
})

export const ListPoliciesForUser = operation({
  about: "Lists the policies attached to a user.",
  Request: { UserName },
  permission: root,
  handle: ({ UserName }, { realm, world }) =>
    Effect.map(world.access.policiesOf(realm.account, { kind: "user", name: UserName }), (policies) => ({
      Policies: { Policy: policies.map(listed) }
    }))
})

export const AttachPolicyToRole = operation({
  about: "Attaches a policy to a role.",
  changes: true,
  Request: { PolicyName, RoleName },
  permission: root,
  handle: ({ PolicyName, RoleName }, call) =>
    done(call.world.access.attachPolicy(actorOf(call), PolicyName, { kind: "role", name: RoleName }))
})

export const DetachPolicyFromRole = operation({
  about: "Detaches a policy from a role.",
  changes: true,
  Request: { PolicyName, RoleName },
  permission: root,
  handle: ({ PolicyName, RoleName }, call) =>
    done(call.world.access.detachPolicy(actorOf(call), PolicyName, { kind: "role", name: RoleName }))
})

export const ListPoliciesForRole = operation({
  about: "Lists the policies attached to a role.",
  Request: { RoleName },
  permission: root,
  handle: ({ RoleName }, { realm, world }) =>
    Effect.map(world.access.policiesOf(realm.account, { kind: "role", name: RoleName }), (policies) => ({
      Policies: { Policy: policies.map(listed) }
    }))
})

/** Not `Code` at the top: clients take any reply that has one for a refusal. */
const explained = ({ principal, decision, checks, code, hint, keyState, allowedStates }: Explained) => ({
  Principal: principal,
  Allowed: decision === "ok",
  Decision: decision,
  ...(code === undefined ? {} : { RefusalCode: code }),
  ...(hint === undefined ? {} : { RefusalHint: hint }),
  ...(keyState === undefined ? {} : { KeyState: keyState }),
  ...(allowedStates === undefined ? {} : { AllowedStates: { State: allowedStates } }),
  Checks: {
    Check: checks.map(({ action, resource, effect, policy, statement, advice }) => ({
      Action: action,
      Resource: resource,
      Effect: effect,
      ...(policy === undefined ? {} : { PolicyName: policy }),
      ...(statement === undefined ? {} : { Statement: statement }),
      ...(advice === undefined ? {} : { Advice: advice })
    }))
  }
})

const keyReference = { ...reference, form: "key id, ARN or alias" } as const

export const ExplainAccess = operation({
  about:
    "Tells whether somebody may carry out an operation now, which policy or state settles it, and what would change it.",
  Request: {
    As: required(
      { ...text({ charsMin: 1, charsMax: 70 }), form: "`root`, a user's name, `user/<name>` or `role/<name>`" },
      "Who."
    ),
    Operation: required({ ...text({ charsMin: 1, charsMax: 64 }), form: "the name of an operation" }, "What."),
    KeyId: optional(keyReference, "The CMK it is about, also where a ciphertext would name it."),
    DestinationKeyId: optional(keyReference, "ReEncrypt: the CMK to encrypt under; the same if absent."),
    AliasName: optional(aliasName, "The alias it is about."),
    SourceIp: optional(text({ charsMin: 2, charsMax: 45 }), "The address it would come from.")
  },
  permission: root,
  handle: (request, { realm, world }) =>
    Effect.map(
      world.access.explain(realm, {
        as: request.As,
        operation: request.Operation,
        keyId: request.KeyId,
        destinationKeyId: request.DestinationKeyId,
        aliasName: request.AliasName,
        sourceIp: request.SourceIp
      }),
      explained
    )
})
