/** The promises of the library's types. `npm run check` compiles this file; a broken promise does not compile. */
import type { Effect, Layer } from "effect"
import type {
  DecryptManyResponse,
  EncryptRequest,
  EncryptResponse,
  Kms,
  KmsShape,
  Ram,
  SeedRefused,
  StoreUnusable
} from "keystate"
import type { KmsMemory, KmsSqlite } from "keystate"
import type { EncryptRequest as PromiseEncryptRequest, PromiseKms } from "keystate/promise"
import type { MethodsOf } from "../../src/kms.ts"
import type { stsOperations } from "../../src/operation/apis.ts"
import type { catalogue } from "../../src/operation/catalogue.ts"
import type { KmsMethods } from "../../src/operation/methods/kms.ts"
import type { RamMethods } from "../../src/operation/methods/ram.ts"
import type { StsMethods } from "../../src/operation/methods/sts.ts"
import type { ramOperations } from "../../src/operation/ram/catalogue.ts"

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false

type Effectful = (request: never) => Effect.Effect<unknown, unknown>
type ErrorOf<Method extends Effectful> = Effect.Error<ReturnType<Method>>
type CodeOf<Method extends Effectful> = ErrorOf<Method> extends { readonly code: infer Code } ? Code : never

// One operation, as a caller sees it.
true satisfies Equal<EncryptRequest["Plaintext"], Uint8Array | string>
true satisfies Equal<EncryptResponse["CiphertextBlob"], string>
true satisfies Equal<Parameters<KmsShape["encrypt"]>, [request: EncryptRequest]>
true satisfies Equal<Effect.Success<ReturnType<KmsShape["encrypt"]>>, EncryptResponse>
true satisfies Equal<Parameters<PromiseKms["encrypt"]>, [request: PromiseEncryptRequest]>
true satisfies Equal<ReturnType<PromiseKms["encrypt"]>, Promise<EncryptResponse>>
true satisfies Equal<Parameters<KmsShape["ram"]["createUser"]>, [request: Ram.CreateUserRequest]>

// A call with many requests takes those of the operation, and gives each its reply or its error.
type Item<Method> = Method extends (requests: never) => Promise<ReadonlyArray<infer Result>> ? Result : never
type RefusedItem = Extract<Item<PromiseKms["encryptMany"]>, { readonly ok: false }>["error"]
true satisfies Equal<Parameters<PromiseKms["encryptMany"]>, [requests: ReadonlyArray<EncryptRequest>]>
true satisfies Equal<Extract<Item<PromiseKms["encryptMany"]>, { readonly ok: true }>["reply"], EncryptResponse>
true satisfies Equal<RefusedItem, ErrorOf<KmsShape["encrypt"]>>
true satisfies Equal<CodeOf<KmsShape["generateDataKeys"]>, "InvalidParameter">
true satisfies Equal<ReturnType<PromiseKms["decryptMany"]>, Promise<DecryptManyResponse>>

// An operation fails with its own errors and those of every call, and with no others.
true satisfies Equal<"DeleteConflict.Role.Policy" extends CodeOf<KmsShape["describeRegions"]> ? true : false, false>
true satisfies Equal<"MissingParameter" extends CodeOf<KmsShape["describeRegions"]> ? true : false, true>
true satisfies Equal<"Rejected.Disabled" extends CodeOf<KmsShape["encrypt"]> ? true : false, true>

// Layers give the service and no internal part of it.
true satisfies Equal<ReturnType<typeof KmsMemory>, Layer.Layer<Kms, StoreUnusable | SeedRefused>>
true satisfies Equal<ReturnType<typeof KmsSqlite>, Layer.Layer<Kms, StoreUnusable | SeedRefused>>

// The generated interfaces agree with the tables of operations. src/kms.ts checks that a method has the type of its interface.
// These checks find a missing or surplus parameter, member of a reply or error.
type Codes<Methods> = { [Name in keyof Methods]: Methods[Name] extends Effectful ? CodeOf<Methods[Name]> : never }
/** Parameters of the API that some operations always refuse. The interfaces leave them out. */
type Refused = "CertificateId" | "DKMSInstanceId" | "KeyStorageMechanism" | "KmsInstanceId" | "Recipient" | "SecretName"
/** Members of a request, with the optional ones. */
type Given<Request> = { [Name in keyof Request as Exclude<Name, Refused>]: true }
type Requests<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (request: infer Request) => unknown
    ? Given<NonNullable<Request>>
    : never
}
/** An operation that is always refused has no reply; its interface has the id of the request. */
type KeyOfEach<Union> = [Union] extends [never] ? "RequestId" : Union extends unknown ? keyof Union : never
type ReplyMembers<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends Effectful
    ? KeyOfEach<Effect.Success<ReturnType<Methods[Name]>>>
    : never
}

true satisfies Equal<Codes<KmsMethods>, Codes<MethodsOf<typeof catalogue>>>
true satisfies Equal<Codes<RamMethods>, Codes<MethodsOf<typeof ramOperations>>>
true satisfies Equal<Codes<StsMethods>, Codes<MethodsOf<typeof stsOperations>>>

true satisfies Equal<Requests<KmsMethods>, Requests<MethodsOf<typeof catalogue>>>
true satisfies Equal<Requests<RamMethods>, Requests<MethodsOf<typeof ramOperations>>>
true satisfies Equal<Requests<StsMethods>, Requests<MethodsOf<typeof stsOperations>>>

true satisfies Equal<ReplyMembers<KmsMethods>, ReplyMembers<MethodsOf<typeof catalogue>>>
true satisfies Equal<ReplyMembers<RamMethods>, ReplyMembers<MethodsOf<typeof ramOperations>>>
true satisfies Equal<ReplyMembers<StsMethods>, ReplyMembers<MethodsOf<typeof stsOperations>>>
