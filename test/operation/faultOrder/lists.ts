/** Fault sequences of the operations that only read. */
import { aliasFaults, idFaults, nobody } from "./fixture.ts"
import type { Correction, FaultSequence } from "./fixture.ts"

const paging: ReadonlyArray<Correction> = [
  [{ PageNumber: "0", PageSize: "0" }, "InvalidParameter PageNumber"],
  [{ PageNumber: "1" }, "InvalidParameter PageSize"],
  [{ PageSize: "102" }, "InvalidParameter PageSize"]
]
const always: FaultSequence = () => [[{ Nonsense: "is passed over" }, "Success"]]

export const lists: Readonly<Record<string, FaultSequence>> = {
  DescribeRegions: always,
  DescribeService: always,
  DescribeAccountKmsStatus: always,
  OpenKmsService: always,
  ListKeys: () => [
    ...paging,
    [{ PageSize: "101", Filters: "{}" }, "InvalidParameter PageSize"],
    [{ PageSize: "100" }, "InvalidParameter Filters"],
    [{ Filters: '[{"Key":"Age","Values":["1"]}]' }, "InvalidParameter Filters"],
    [{ Filters: '[{"Key":"KeyState","Values":["Gone"]}]' }, "InvalidParameter Filters"],
    [{ Filters: '[{"Key":"KeyState","Values":["Enabled"]}]' }, "Success"]
  ],
  ListAliases: () => [...paging, [{ PageSize: "101" }, "InvalidParameter PageSize"], [{ PageSize: "100" }, "Success"]],
  DescribeKey: ({ symmetric }) => [
    [{}, "MissingParameter KeyId"],
    [{ KeyId: "" }, "MissingParameter KeyId"],
    ...aliasFaults,
    [{ KeyId: symmetric }, "Success"]
  ],
  ListAliasesByKeyId: ({ symmetric }) => [
    [{ KeyId: "", PageNumber: "0", PageSize: "0" }, "MissingParameter KeyId"],
    [{ KeyId: "alias/none" }, "InvalidParameter PageNumber"],
    ...paging.slice(1),
    [{ PageSize: "101" }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: symmetric }, "Success"]
  ],
  ListKeyVersions: ({ symmetric }) => [
    [{ KeyId: "", PageNumber: "0", PageSize: "0" }, "MissingParameter KeyId"],
    [{ KeyId: "alias/none" }, "InvalidParameter PageNumber"],
    ...paging.slice(1),
    [{ PageSize: "101" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: symmetric }, "Success"]
  ],
  DescribeKeyVersion: ({ pair, pairVersion, signerVersion }) => [
    [{ KeyId: "alias/none" }, "MissingParameter KeyVersionId"],
    [{ KeyVersionId: "" }, "MissingParameter KeyVersionId"],
    [{ KeyVersionId: "none" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: pair }, "Forbidden.KeyVersionNotFound"],
    [{ KeyVersionId: signerVersion }, "Forbidden.KeyVersionNotFound"],
    [{ KeyVersionId: pairVersion }, "Success"]
  ],
  GetPublicKey: ({ disabled, symmetric, signer, signerVersion }) => [
    [{ KeyId: "alias/none" }, "MissingParameter KeyVersionId"],
    [{ KeyVersionId: "none" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabled }, "Rejected.Disabled"],
    [{ KeyId: symmetric }, "UnsupportedOperation"],
    [{ KeyId: signer }, "Forbidden.KeyVersionNotFound"],
    [{ KeyVersionId: signerVersion }, "Success"]
  ],
  ListResourceTags: ({ symmetric }) => [[{}, "MissingParameter KeyId"], ...idFaults, [{ KeyId: symmetric }, "Success"]],
  ListTagResources: ({ symmetric }) => [
    [{ ResourceType: "box", "ResourceId.x": "a", "Tag.1.Size": "1", NextToken: "?" }, "InvalidParameter ResourceType"],
    [{ ResourceType: "key" }, "InvalidParameter ResourceId"],
    [{ "ResourceId.x": undefined, "ResourceId.1": "alias/none" }, "InvalidParameter Tag"],
    [{ "Tag.1.Size": undefined, "Tag.1.Key": "a" }, "InvalidParameter NextToken"],
    [{ NextToken: "" }, "Unsupported.Alias"],
    [{ "ResourceId.1": nobody }, "InvalidResourceId.NotFound"],
    [{ "ResourceId.1": symmetric }, "Success"]
  ],
  GetParametersForImport: ({ symmetric, waiting }) => [
    [{ KeyId: "alias/none", WrappingAlgorithm: "AES" }, "InvalidParameter WrappingAlgorithm"],
    [{ WrappingAlgorithm: "SM2PKE" }, "MissingParameter WrappingKeySpec"],
    [{ WrappingKeySpec: "RSA_1024" }, "InvalidParameter WrappingKeySpec"],
    [{ WrappingKeySpec: "RSA_2048" }, "InvalidParameter WrappingAlgorithm"],
    [{ WrappingKeySpec: "EC_SM2" }, "Unsupported.Alias"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: symmetric }, "Unsupported.Origin"],
    // SM2 wraps material for HSM keys only, and this key is a software key.
    [{ KeyId: waiting }, "InvalidParameter WrappingKeySpec"],
    [{ WrappingKeySpec: "RSA_2048", WrappingAlgorithm: "RSAES_PKCS1_V1_5" }, "Success"]
  ]
}
