/** What the model expects of aliases and tags. */
import type { LawId } from "../lawbook/laws.ts"
import { moved, stateOf } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { listOf, textOf } from "../steps/reply.ts"
import { listedArnsTold } from "./metadata.ts"
import { alwaysRefused, gated, gateOf, leftOpen, test } from "./prediction.ts"
import type { PredictedCall, Predict, Prediction } from "./prediction.ts"
import { isTakenElsewhere } from "./places.ts"
import { isFull, withinQuota, withinTagQuota } from "./quotas.ts"
import { onKey } from "./references.ts"

const tagsInWords = (tags: ReadonlyArray<string>): string =>
  tags.length === 0 ? "no tags" : `the tags ${tags.join(", ")}`

const unknownAlias: Prediction = {
  refuse: { law: "KMS-AL-011", codeLaw: "KMS-AL-011", codes: ["Forbidden.AliasNotFound"] }
}

const noted = (
  asked: PredictedCall,
  key: ModelKey,
  type: "CreateAlias" | "UpdateAlias" | "DeleteAlias" | "TagResource" | "UntagResource"
) => moved(key, { type, at: asked.model.now }, key.because, asked.dialect)

const CreateAlias: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, dialect } = asked
    const { alias } = step
    if (alias === undefined) return undefined
    if (step.twist === "badName") return alwaysRefused(key, "KMS-AL-010", ["InvalidParameter"])
    const { refused } = gateOf("CreateAlias", key, dialect)
    if (model.aliases.has(alias)) {
      const codes = ["AliasAlreadyExists" as const, ...(refused?.codes ?? [])]
      return withinQuota(asked, "aliases", {
        key: key.label,
        refuse: { law: "KMS-AL-002", codeLaw: "KMS-AL-002", codes },
        changes: true
      })
    }
    return withinQuota(asked, "aliases", {
      ...gated("CreateAlias", key, dialect, {
        law: lawOfNewAlias(asked, alias),
        apply: (after, _reply, names) => {
          names.bind(alias, names.alias(alias))
          after.aliases.set(alias, key.label)
          after.keys.set(key.label, noted(asked, key, "CreateAlias"))
        }
      }),
      changes: true
    })
  })

const lawOfNewAlias = (asked: PredictedCall, alias: string): LawId => {
  if (isTakenElsewhere(asked, alias)) return "KMS-PLC-007"
  if (hasCaseTwin(asked, alias)) return "KMS-AL-016"
  return asked.names.of(alias) === undefined ? "KMS-AL-014" : "KMS-AL-013"
}

/** Whether another alias differs only in letter case. */
const hasCaseTwin = ({ model }: PredictedCall, alias: string): boolean =>
  [...model.aliases.keys()].some((other) => other !== alias && other.toLowerCase() === alias.toLowerCase())

const UpdateAlias: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, dialect } = asked
    const { alias } = step
    if (alias === undefined) return undefined
    const from = model.aliases.get(alias)
    if (from === undefined) {
      const gone = stateOf(key) === "Deleted"
      return {
        ...unknownAlias,
        refuse: {
          law: "KMS-AL-011",
          codes: [...(gone ? ["Forbidden.KeyNotFound" as const] : []), "Forbidden.AliasNotFound"]
        }
      }
    }
    if (model.lost.has(from)) return undefined
    const owner = model.keys.get(from)
    const predicted: Prediction = {
      ...gated("UpdateAlias", key, dialect, {
        law: isFull(asked, "aliases") ? "KMS-QUO-011" : "KMS-AL-003",
        apply: (after, _reply, names) => {
          if (from !== key.label) names.bind(`moved away ${from}`, from)
          after.aliases.set(alias, key.label)
          after.keys.set(key.label, noted(asked, key, "UpdateAlias"))
        }
      }),
      changes: true
    }
    return dialect.aliasesMoveFreely || owner === undefined || isAlike(owner, key) ? predicted : leftOpen(predicted)
  })

/** Keys between which every service allows an alias to move. */
const isAlike = (one: ModelKey, other: ModelKey): boolean =>
  one.snapshot.context.kind === other.snapshot.context.kind &&
  one.snapshot.context.usage === other.snapshot.context.usage

const DeleteAlias: Predict = (asked) => {
  const { model, step } = asked
  if (step.alias === undefined) return undefined
  const bound = model.aliases.get(step.alias)
  if (bound === undefined) return unknownAlias
  const key = model.keys.get(bound)
  if (key === undefined || model.lost.has(bound)) return undefined
  const { alias } = step
  return {
    key: key.label,
    changes: true,
    accept: {
      law: "KMS-AL-007",
      apply: (after) => {
        after.aliases.delete(alias)
        after.roomPast.set("aliases", "freed")
        after.keys.set(key.label, noted(asked, key, "DeleteAlias"))
      }
    }
  }
}

const aliasesOf = (asked: PredictedCall, key: ModelKey): ReadonlyArray<string> =>
  [...asked.model.aliases].filter(([, bound]) => bound === key.label).map(([alias]) => asked.names.alias(alias))

const sameNames = (told: ReadonlyArray<string>, expected: ReadonlyArray<string>): boolean =>
  told.length === expected.length && expected.every((name) => told.includes(name))

/** Shortens a long list. */
const several = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "none" : `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`

const ListAliasesByKeyId: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("ListAliasesByKeyId", key, asked.dialect, {
      law: "KMS-AL-009",
      check: (reply) => {
        // The service chose this name.
        if (key.snapshot.context.serviceKey) return []
        if ([...asked.model.lost].some((label) => asked.model.aliases.get(label) === key.label)) return []
        const told = listOf(reply, "Aliases.Alias").map((entry) => textOf(entry, "AliasName") ?? "")
        const expected = aliasesOf(asked, key)
        // The other entries are on later pages.
        const total = Number(textOf(reply, "TotalCount") ?? told.length)
        const isRight =
          total > told.length
            ? total === expected.length && told.every((name) => expected.includes(name))
            : sameNames(told, expected)
        return [
          test(
            "KMS-AL-009",
            isRight,
            () =>
              `The reply lists ${several(told)} of ${total} aliases, not ${several(expected)} of ${expected.length}.`
          )
        ]
      }
    })
  )

const ListAliases: Predict = (asked) => ({
  accept: {
    law: "KMS-AL-015",
    check: (reply) => {
      const entries = listOf(reply, "Aliases.Alias")
      const total = Number(textOf(reply, "TotalCount") ?? entries.length)
      if (total > entries.length) return []
      const told = new Map(entries.map((entry) => [textOf(entry, "AliasName"), textOf(entry, "KeyId")]))
      const wrong = [...asked.model.aliases].find(
        ([alias, key]) =>
          ![alias, key].some((label) => asked.model.lost.has(label)) &&
          asked.model.keys.get(key)?.place === asked.step.from &&
          told.get(asked.names.alias(alias)) !== asked.names.of(key)
      )
      const ghost = [...told].find(([name, id]) => {
        const owner = id === undefined ? undefined : asked.names.labelOf(id)
        const key = owner === undefined ? undefined : asked.model.keys.get(owner)
        return key !== undefined && stateOf(key) === "Deleted" && name?.startsWith(asked.names.alias(""))
      })
      return [
        ...listedArnsTold(reply, "Aliases.Alias", "AliasName", "AliasArn"),
        test("KMS-AL-015", wrong === undefined, () => `The alias ${wrong?.[0]} is not listed with its key.`),
        test("KMS-DEL-013", ghost === undefined, () => `The alias ${ghost?.[0]} is listed although its key is gone.`)
      ]
    }
  }
})

const areAlike = (one: string, other: string): boolean =>
  one !== other && other.toLowerCase().startsWith(one.toLowerCase())

/** Records that a key has, or had, tags that a service may confuse. */
const noteTags = (key: ModelKey, written: ReadonlyArray<string>, names: Names): void => {
  const all = [...Object.keys(key.tags), ...written]
  if (all.some((one) => all.some((other) => areAlike(one, other)))) names.bind(`similar tags ${key.label}`, key.label)
}

/** The law of a list of tags. Wrong values of the right tags do not come from an earlier UntagResource. */
const lawOfTags = ({ label }: ModelKey, areValuesWrong: boolean, names: Names): LawId => {
  if (names.of(`similar tags ${label}`) !== undefined) return "KMS-TAG-004"
  return areValuesWrong || names.of(`untagged ${label}`) === undefined ? "KMS-TAG-001" : "KMS-TAG-002"
}

const TagResource: Predict = (asked) =>
  onKey(asked, (key) =>
    withinTagQuota(asked, key, {
      ...gated("TagResource", key, asked.dialect, {
        law: "KMS-TAG-003",
        apply: (model, _reply, names) => {
          noteTags(key, Object.keys(asked.step.tags ?? {}), names)
          model.keys.set(key.label, { ...noted(asked, key, "TagResource"), tags: { ...key.tags, ...asked.step.tags } })
        }
      }),
      changes: true
    })
  )

const UntagResource: Predict = (asked) =>
  onKey(asked, (key) => ({
    ...gated("UntagResource", key, asked.dialect, {
      law: "KMS-TAG-003",
      apply: (model, _reply, names) => {
        const gone = Object.keys(asked.step.tags ?? {})
        names.bind(`untagged ${key.label}`, key.label)
        noteTags(key, gone, names)
        model.keys.set(key.label, {
          ...noted(asked, key, "UntagResource"),
          tags: Object.fromEntries(Object.entries(key.tags).filter(([name]) => !gone.includes(name)))
        })
      }
    }),
    changes: true
  }))

const ListResourceTags: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("ListResourceTags", key, asked.dialect, {
      law: "KMS-TAG-001",
      check: (reply, names) => {
        const listed = listOf(reply, "Tags.Tag")
        const told = listed.map((entry) => `${textOf(entry, "TagKey")}=${textOf(entry, "TagValue")}`)
        const expected = Object.entries(key.tags).map(([name, value]) => `${name}=${value}`)
        const isRight = sameNames(told, expected)
        const toldKeys = listed.map((entry) => textOf(entry, "TagKey") ?? "")
        const areValuesWrong = !isRight && sameNames(toldKeys, Object.keys(key.tags))
        return [
          test(
            lawOfTags(key, areValuesWrong, names),
            isRight,
            () => `The key has ${tagsInWords(told)}; it should have ${tagsInWords(expected)}.`
          )
        ]
      }
    })
  )

export const namingPredictions = {
  CreateAlias,
  UpdateAlias,
  DeleteAlias,
  ListAliases,
  ListAliasesByKeyId,
  TagResource,
  UntagResource,
  ListResourceTags
} as const
