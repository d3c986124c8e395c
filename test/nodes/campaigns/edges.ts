/** Races at the limit of a quota and of an import token's wrong uses, over two nodes: the limit is never exceeded. */
import { importFailuresMax } from "../../../machines/importSession.ts"
import { accessKeysPerUserMax, aliasesPerRealmMax, keysPerRealmMax } from "../../../src/domain/limits.ts"
import { kms, memberOf, ram } from "../../histories/door.ts"
import type { Call } from "../../histories/door.ts"
import { wrap } from "../../guide/material.ts"
import type { Cluster } from "../cluster.ts"
import type { Sent } from "../signedHttp.ts"
import { answer, call, codeOf, eachOf, damageOf, memberAt } from "./campaign.ts"
import type { Campaign } from "./campaign.ts"

const atOnce = 16
/** The calls of one race, distributed over the nodes, and the remaining places. */
const racers = 6
const places = 2

/** Aliases are created in another region than keys, so that their quotas do not interact. */
const elsewhere = { RegionId: "cn-beijing" }

/** Objects of a kind with a quota. */
interface Edge {
  readonly name: string
  /** Creates another object. */
  readonly add: (number: number) => Call
  readonly refusal: string
  /** Removes the objects of a race. */
  readonly remove: (cluster: Cluster, added: ReadonlyArray<Sent>) => Promise<void>
  readonly left: number
}

const bodyOf = (sent: Sent): unknown => (sent.kind === "answered" ? sent.body : undefined)

const edgesOf = (keyId: string): ReadonlyArray<Edge> => [
  {
    name: "keys",
    left: keysPerRealmMax - 1,
    add: () => kms("CreateKey"),
    refusal: "Rejected.LimitExceeded",
    remove: async (cluster, added) => {
      for (const [at, sent] of added.entries()) {
        const KeyId = String(memberOf(bodyOf(sent), "KeyMetadata", "KeyId"))
        await answer(memberAt(cluster, at), kms("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" }))
      }
      await answer(cluster.members[0], kms("AdvanceClock", { By: "8d" }))
    }
  },
  {
    name: "aliases",
    left: aliasesPerRealmMax,
    add: (number) => kms("CreateAlias", { ...elsewhere, KeyId: keyId, AliasName: `alias/edge-${number}` }),
    refusal: "Rejected.LimitExceeded",
    remove: async (cluster) => {
      const found = await answer(
        cluster.members[0],
        kms("ListAliases", { ...elsewhere, PageSize: "100", PageNumber: "3" }),
        "Aliases"
      )
      const aliases = memberOf(found, "Alias")
      const names = Array.isArray(aliases) ? aliases.map((alias) => String(memberOf(alias, "AliasName"))) : []
      for (const AliasName of names.slice(-places))
        await answer(memberAt(cluster, 1), kms("DeleteAlias", { ...elsewhere, AliasName }))
    }
  },
  {
    name: "access keys of a user",
    left: accessKeysPerUserMax,
    add: () => ram("CreateAccessKey", { UserName: "edge" }),
    refusal: "LimitExceeded.User.AccessKey",
    remove: async (cluster, added) => {
      for (const [at, sent] of added.entries()) {
        const UserAccessKeyId = String(memberOf(bodyOf(sent), "AccessKey", "AccessKeyId"))
        await answer(memberAt(cluster, at), ram("DeleteAccessKey", { UserName: "edge", UserAccessKeyId }))
      }
    }
  }
]

const isSuccess = (sent: Sent): boolean => codeOf(sent) === "Success"

/** Runs this number of races at the limit of a quota, and returns the faults. */
const raceQuota = async (cluster: Cluster, edge: Edge, races: number): Promise<ReadonlyArray<string>> => {
  const faults: Array<string> = []
  let made = 0
  await eachOf(edge.left - places, atOnce, (number) => answer(memberAt(cluster, number), edge.add(made++)))
  for (let race = 0; race < races; race++) {
    const sent = await Promise.all(
      Array.from({ length: racers }, (_, at) => call(memberAt(cluster, at), edge.add(made++)))
    )
    const added = sent.filter(isSuccess)
    const refused = sent.filter((one) => codeOf(one) === edge.refusal)
    if (added.length !== places || refused.length !== racers - places) {
      faults.push(`${places} places for ${edge.name}: ${sent.map(codeOf).join(", ")}`)
    }
    await edge.remove(cluster, added)
  }
  return faults
}

/** Every increase of the count of wrong uses, from the log of the database. */
const watchTries = [
  "CREATE TABLE public.tries (failures bigint NOT NULL)",
  "CREATE OR REPLACE FUNCTION public.note_try() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
    "IF NEW.failures > OLD.failures THEN INSERT INTO public.tries VALUES (NEW.failures); END IF; RETURN NULL; END $$",
  "CREATE TRIGGER note_try AFTER UPDATE ON keystate.import_sessions FOR EACH ROW EXECUTE FUNCTION public.note_try()"
] as const

const raceToken = async (cluster: Cluster, races: number): Promise<ReadonlyArray<string>> => {
  const { members, sql } = cluster
  const faults: Array<string> = []
  const KeyId = String(await answer(members[0], kms("CreateKey", { Origin: "EXTERNAL" }), "KeyMetadata", "KeyId"))
  const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const
  const given = await answer(members[0], kms("GetParametersForImport", { KeyId, ...wrapping }))
  const token = { KeyId, ImportToken: String(memberOf(given, "ImportToken")) }
  const wrong = kms("ImportKeyMaterial", { ...token, EncryptedKeyMaterial: Buffer.alloc(256, 1).toString("base64") })
  const right = kms("ImportKeyMaterial", {
    ...token,
    EncryptedKeyMaterial: wrap(String(memberOf(given, "PublicKey")), "RSAES_OAEP_SHA_256", new Uint8Array(32).fill(7))
  })
  for (const statement of watchTries) await sql([statement])
  for (let race = 0; race < races; race++) {
    await sql(
      ["UPDATE keystate.import_sessions SET failures = $1::bigint", String(importFailuresMax - places)],
      // The line before counts as an increase too.
      ["DELETE FROM public.tries"]
    )
    const codes = (
      await Promise.all(Array.from({ length: racers }, (_, at) => call(memberAt(cluster, at), wrong)))
    ).map(codeOf)
    const after = codeOf(await call(memberAt(cluster, race), right))
    const tries = await sql(["SELECT failures::text FROM public.tries"])
    const isOver = tries.some((row) => Number(row["failures"]) > importFailuresMax)
    if (tries.length !== places || isOver || [...codes, after].some((code) => code !== "InvalidKeyMaterial")) {
      faults.push(`${places} wrong uses left: ${tries.length} counted, ${codes.join(", ")}, then ${after}`)
    }
  }
  await sql(["DROP TRIGGER note_try ON keystate.import_sessions"], ["DROP TABLE public.tries"])
  return faults
}

export const edges: Campaign = {
  about: "races at each edge: quotas of keys, aliases and access keys, and wrong uses of an import token",
  needs: { nodes: 2, isVirtual: true },
  count: 250,
  run: async (cluster, count) => {
    const faults: Array<string> = [...(await raceToken(cluster, count))]
    const [first] = cluster.members
    const keyId = String(await answer(first, kms("CreateKey", elsewhere), "KeyMetadata", "KeyId"))
    await answer(first, ram("CreateUser", { UserName: "edge" }))
    const edges = edgesOf(keyId)
    for (const edge of edges) faults.push(...(await raceQuota(cluster, edge, count)))
    return {
      figures: { races: count * (edges.length + 1), over: faults.length },
      faults: [...faults, ...(await damageOf(cluster))]
    }
  }
}
