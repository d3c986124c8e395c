/** An operation of Keystate only: explains why a call would be allowed or refused. */
import { Effect } from "effect"
import type { Explained } from "../../authorization/accessControl.ts"
import { aliasName } from "../aliases/aliasName.ts"
import { reference } from "../keyReference.ts"
import { operation } from "../operation.ts"
import { optional, required, text } from "../parameters.ts"

const root = { on: "root" } as const

/** The member is not `Code` at the top: clients treat any reply that has one as an error. */
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
    "Tells whether a principal may perform an operation now, which policy or state decides, and what would change the result.",
  errors: ["EntityNotExist.Role", "EntityNotExist.User"],
  Request: {
    As: required(
      { ...text({ charsMin: 1, charsMax: 70 }), form: "`root`, a user's name, `user/<name>` or `role/<name>`" },
      "Who."
    ),
    Operation: required({ ...text({ charsMin: 1, charsMax: 64 }), form: "the name of an operation" }, "What."),
    KeyId: optional(keyReference, "The CMK of the call, also for operations whose ciphertext names it."),
    DestinationKeyId: optional(keyReference, "For ReEncrypt: the CMK to encrypt under; KeyId if absent."),
    AliasName: optional(aliasName, "The alias of the call."),
    SourceIp: optional(text({ charsMin: 2, charsMax: 45 }), "The source address of the call.")
  },
  permission: root,
  handle: (request, { realm, services }) =>
    Effect.map(
      services.access.explain(realm, {
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
